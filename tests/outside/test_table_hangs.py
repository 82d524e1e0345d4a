"""While the table hangs, everybody is answered in time, with what is true."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.transport import turn
from services import answer_time
from services.workflow.engine import Engine
from services.workflow.workflows import Workflows
from tests.outside.rotation_scenarios import ROTATE, VARIABLES
from tests.outside.scenarios import ASKED, asked
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey, RunWith
from tests.support.processes.stalling_proxy import StallingProxy
from tests.support.teams import Person, Place

LONGEST_SECONDS = 5.0
"""Much longer than a turn may take here, and much shorter than the time-out of the client."""

COMMANDS = (
    *((DANA, typed) for typed in ("my access", "history", "secrets", ASKED, "status req-aaaaaaaa")),
    *((AVERY, typed) for typed in ("approvals", "report", "stuck", "rotations", ROTATE)),
    (AVERY, "verify day 2026-11-27"),
)


@pytest.fixture
async def table_proxy(azurite: str) -> AsyncIterator[StallingProxy]:
    address = urlsplit(_endpoint(azurite))
    proxy = StallingProxy(address.hostname or "", address.port or 0)
    async with proxy.listening():
        yield proxy


@pytest.fixture
async def bot(
    run_with: RunWith, table_proxy: StallingProxy, azurite: str
) -> AsyncIterator[Latchkey]:
    behind = f":{urlsplit(_endpoint(azurite)).port}/"
    through = azurite.replace(behind, f":{table_proxy.port}/")
    async with run_with({**VARIABLES, "AZURE_STORAGE_CONNECTION_STRING": through}) as running:
        yield running
        table_proxy.go_on()


def _endpoint(connection_string: str) -> str:
    return connection_string.partition("TableEndpoint=")[2].partition(";")[0]


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let turns answer so soon that nobody waits as long as people."""
    monkeypatch.setattr(turn, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(answer_time, "RECORDING_SECONDS", 0.2)


async def told(bot: Latchkey, person: Person, typed: str, place: Place) -> list[str]:
    """Return what a person reads in answer to a line; raises TimeoutError without one in time."""
    seen = len(bot.teams.posted_in(place.id))
    async with asyncio.timeout(LONGEST_SECONDS):
        answers = await bot.say_for_all(person, typed, place)
    texts = [post.text for post in bot.teams.posted_in(place.id)[seen:]]
    return [answer.words or text for answer, text in zip(answers, texts, strict=True)]


@pytest.mark.usefixtures("hurried")
async def test_each_command_is_answered_in_time_and_only_the_table_is_blamed(
    bot: Latchkey, table_proxy: StallingProxy, caplog: pytest.LogCaptureFixture
) -> None:
    await asked(bot)
    await bot.restart()  # so that nothing is cached
    table_proxy.stall()
    for number, (person, typed) in enumerate(COMMANDS):
        # Each in its own chat: a single one would be slowed down by Teams' rate limits.
        place = Place(f"a:{person.object_id}-{number}", "personal")

        [said] = await told(bot, person, typed, place)

        assert "Table Storage, where I keep everything, isn't responding" in said, typed
    table_proxy.go_on()

    failures = [record for record in caplog.records if "turn not finished" in record.message]
    assert len(failures) == len(COMMANDS)
    for record in failures:
        assert (record.levelname, record.exc_info) == ("WARNING", None)
        assert "Table Storage: no answer in time" in record.message
    assert "turn failed" not in caplog.text


async def test_a_change_that_is_cut_short_is_not_called_undone(
    bot: Latchkey, table_proxy: StallingProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asked(bot)
    card = bot.card_of(AVERY)
    commit = Workflows.commit

    async def hang(self: Workflows, *given: Any, **named: Any) -> Any:
        table_proxy.stall()
        return await commit(self, *given, **named)

    monkeypatch.setattr(Workflows, "commit", hang)
    monkeypatch.setattr(turn, "ANSWER_SECONDS", 1.0)
    async with asyncio.timeout(LONGEST_SECONDS + 3):
        shown = await bot.click(AVERY, card, "Approve")
    table_proxy.go_on()

    assert "I can't tell whether what you asked for was done" in shown.sentence


async def test_what_a_click_began_is_recorded_however_long_the_table_takes(
    bot: Latchkey, table_proxy: StallingProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asked(bot)
    left: list[float | None] = []
    record = Engine._record_outcome

    async def seen(self: Engine, *given: Any, **named: Any) -> Any:
        left.append(answer_time.seconds_left_to_record())
        return await record(self, *given, **named)

    monkeypatch.setattr(Engine, "_record_outcome", seen)
    await bot.click(AVERY, bot.card_of(AVERY), "Approve")
    await bot.tick()

    assert left
    assert set(left) == {None}
