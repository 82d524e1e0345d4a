"""`LOG_FORMAT=json`: every line of the real program is an object, and none has a secret value."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from scripts import paths
from scripts.local import settings
from tests.outside.crashes import World, a_world
from tests.outside.scenarios import ASKED, correlation_id, refusing
from tests.support.deployment import AVERY, DANA, REGISTRATION, Trust
from tests.support.environment import REQUIRED
from tests.support.processes.process import Process, until
from tests.support.teams import a_message

Line = Mapping[str, Any]

PATIENCE_SECONDS = 30.0


def lines_of(log: str) -> list[Line]:
    """Parse every line; raises if one isn't an object of its own."""
    lines = [json.loads(line) for line in log.splitlines()]
    assert all(isinstance(line, dict) for line in lines)
    return lines


def events_of(log: Path, workflow_id: str) -> list[str]:
    return [
        line["event"]
        for line in lines_of(log.read_text())
        if line["logger"] == "latchkey.events" and line["correlation_id"] == workflow_id
    ]


async def test_every_line_of_a_run_is_an_object_with_one_id_and_no_secret(
    trust: Trust, azurite: str, tmp_path: Path
) -> None:
    log = tmp_path / "json.log"

    async with a_world(trust, azurite, tmp_path) as world:
        bot = world.bot("json", LOG_FORMAT="json", GRANTSCOPE="vault")
        try:
            await bot.start()
            request_id = await _a_grant_that_fails(bot, log)
            await _a_turn_that_fails(bot, world)
            await bot.end()
        finally:
            await bot.kill()

    written = log.read_text()
    lines = lines_of(written)
    assert events_of(log, request_id) == ["requested", "approved", "not_permitted_yet"]
    assert {"time", "level", "logger", "message"} == set.intersection(*map(set, lines))
    assert {datetime.fromisoformat(line["time"]).utcoffset() for line in lines} == {timedelta()}
    journal = [line for line in lines if line["logger"] == "latchkey.events"]
    assert [line for line in journal if request_id in line["message"]] == []
    [failed] = [line for line in lines if line["message"] == "turn failed"]
    assert failed["exception"].startswith("Traceback")
    assert any(post.text.endswith(failed["correlation_id"]) for post in bot.teams.posted_to(DANA))
    secrets = {
        version.value
        for vault in world.sandbox.state.vaults.values()
        for secret in vault.secrets.values()
        for version in secret.versions
    }
    assert len(secrets) > 1
    assert [value for value in {*secrets, REGISTRATION.client_secret} if value in written] == []


async def _a_grant_that_fails(bot: Process, log: Path) -> str:
    """Let Dana get access and Azure refuse to grant it; return the request's ID."""
    card = await bot.say(DANA, ASKED)
    request_id = correlation_id(card)
    await until(lambda: bool(bot.sent_to(AVERY)), PATIENCE_SECONDS)
    bot.sandbox.break_next(refusing("PUT", "roleAssignments", 403, times=1))
    await bot.click(AVERY, bot.card_of(AVERY), "Approve")
    await until(lambda: "not_permitted_yet" in events_of(log, request_id), PATIENCE_SECONDS)
    return request_id


async def _a_turn_that_fails(bot: Process, world: World) -> None:
    async with world.table() as table:
        await table.delete_table()
    await bot.deliver(a_message("my access", DANA))


def test_errors_in_the_configuration_are_one_line_too() -> None:
    wrong = {"LOG_FORMAT": "JSON", "PORT": "none", "GRANTSCOPE": "vault"}

    ended = subprocess.run(
        (sys.executable, "app.py"),
        cwd=paths.ROOT,
        env={**settings.common(os.environ), **REQUIRED, **wrong},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    [warned, refused] = lines_of(ended.stderr)
    assert ended.returncode == 1
    assert warned["message"] == "GRANTSCOPE is ignored: did you mean GRANT_SCOPE?"
    assert refused["level"] == "CRITICAL"
    assert "\n  PORT: must be " in refused["message"]
