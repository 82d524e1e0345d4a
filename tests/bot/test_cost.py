"""A turn avoids the cost of the SDK's own connector, credentials and key fetch."""

import ast
from pathlib import Path
from typing import NoReturn

import msrest.pipeline
import pytest
import requests
from botbuilder.core import TurnContext

import bot
from tests.bot.edge import DANA, FakeBot
from tests.support.teams import Teams, a_message

SOURCES = sorted(Path(next(iter(bot.__path__))).glob("*.py"))


async def test_a_turn_makes_no_blocking_request(
    edge: Teams, bot: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a blocking HTTP client was used")

    async def converse(context: TurnContext) -> None:
        sent = await context.send_activity("first")
        await context.delete_activity(sent.id)

    monkeypatch.setattr(requests.Session, "__init__", refuse)
    monkeypatch.setattr(msrest.pipeline.Pipeline, "__init__", refuse)
    bot.act = converse

    await edge.deliver(a_message("help", DANA))

    assert [posted.text for posted in edge.posted_to(DANA)] == ["first"]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_no_module_of_the_bot_imports_a_blocking_client(source: Path) -> None:
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        for name in _names(node)
    }

    assert not imported & {"requests", "urllib3", "httpx", "socket"}


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return []
