"""No secret value and no credential leaks, whatever happens."""

import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus

import pytest

from sandbox.calls import Reply
from sandbox.faults import Action, InjectedFault, When
from sandbox.seed import APP_API_KEY, DEMO_API_KEY
from scripts import paths
from scripts.local.azurite import connection_string
from tests.outside.rotation_scenarios import begun, planned, set_by_hand, settings, versions
from tests.outside.scenarios import ASKED, granted, refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, REGISTRATION, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.teams import Fault as TeamsFault
from tests.support.teams import a_message

TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}")


async def test_nothing_secret_is_stored_logged_shown_or_answered(
    latchkey: Latchkey, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    values = set(_values(latchkey))

    await _a_day_on_which_all_goes_well(latchkey, clock)
    await _a_day_on_which_much_goes_wrong(latchkey, clock)

    everything = await _traces(latchkey, caplog, of=DEMO_API_KEY)
    assert [value for value in values if value in everything] == []
    assert TOKEN.search(everything) is None


async def test_no_old_new_or_restored_value_leaves_the_vault_by_a_rotation(
    bot: Latchkey, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    held = settings(bot.sandbox)
    before = set(_values(bot))

    await _a_rotation_that_succeeds(bot, clock)
    await _rotations_that_fail(bot, clock)

    made = set(_values(bot)) - before
    everything = await _traces(bot, caplog, of=APP_API_KEY)
    assert len(made) == 4
    assert [value for value in before | made if value in everything] == []
    assert [value for value in held.values() if value in before and value in everything] == []
    assert TOKEN.search(everything) is None


def test_a_crashed_process_leaves_no_core_dump() -> None:
    ended = subprocess.run(
        (
            sys.executable,
            "-c",
            """
import resource, app
try:
    app.main()
except SystemExit:  # nothing is configured
    print(*resource.getrlimit(resource.RLIMIT_CORE))
""",
        ),
        cwd=paths.ROOT,
        env={},
        capture_output=True,
        text=True,
        check=True,
    )

    # A single byte: less than any dump needs, and it rules out piping dumps to a program too.
    assert ended.stdout == "1 1\n"


async def _traces(latchkey: Latchkey, caplog: pytest.LogCaptureFixture, of: str) -> str:
    """Return everything stored, logged, shown and answered; each must mention a secret."""
    written = await latchkey.rows()
    logged = [f"{record.getMessage()} {vars(record)}" for record in caplog.records]
    shown = [str((post.activity, post.earlier)) for post in latchkey.teams.posted]
    opened = [str(parameters) for parameters in latchkey.teams.conversations.values()]
    answered = [*map(str, latchkey.answers), *await _pages(latchkey)]
    for told in (written, logged, shown, answered):
        assert of in "".join(told)
    return "\n".join([*written, *logged, caplog.text, *shown, *opened, *answered])


def _values(latchkey: Latchkey) -> Iterator[str]:
    """Return everything that must not leak: every version's value, and the bot's credentials."""
    for vault in latchkey.sandbox.state.vaults.values():
        for secret in vault.secrets.values():
            yield from (version.value for version in secret.versions)
    yield REGISTRATION.client_secret
    yield re.findall(r"AccountKey=([^;]+)", connection_string(1))[0]


async def _a_day_on_which_all_goes_well(latchkey: Latchkey, clock: ManualClock) -> None:
    await latchkey.say(DANA, "help")
    await latchkey.say(DANA, "secrets")
    form = await latchkey.say(DANA, "request secret demo-api-key")
    form = await latchkey.click(DANA, form, "Send for approval", duration="9d")
    await latchkey.click(DANA, form, "Send for approval", justification="test", duration="1h")
    await latchkey.tick()
    await latchkey.click(ROBIN, latchkey.card_of(ROBIN), "Deny", reason="no")
    await latchkey.tick()
    await granted(latchkey)
    assert await latchkey.read(DANA, DEMO_API_KEY)
    clock.advance(hours=2)
    await latchkey.tick()


async def _a_day_on_which_much_goes_wrong(latchkey: Latchkey, clock: ManualClock) -> None:
    for secret in ("payments-webhook-key", "forgotten-api-key", "old-api-key", "no/name"):
        await latchkey.say(DANA, f"request secret {secret} for 2h because smoke test")
    await latchkey.teams.deliver(a_message("help", DANA), token=latchkey.teams.mint.unsigned())
    latchkey.sandbox.break_next(InjectedFault("GET", re.compile("/secrets/"), Action.DROP, times=2))
    await latchkey.say(DANA, ASKED)
    latchkey.sandbox.break_next(refusing("PUT", "roleAssignments", times=1))
    await granted(latchkey)
    latchkey.sandbox.break_next(
        InjectedFault("PUT", re.compile("roleAssignments"), Action.DROP, When.AFTER, times=3)
    )
    await granted(latchkey)
    latchkey.sandbox.break_next(refusing("DELETE", "roleAssignments", 409, times=1))
    latchkey.teams.fail(TeamsFault(403, "BotNotInConversationRoster"), times=3)
    clock.advance(hours=2)
    await latchkey.tick()
    clock.advance(minutes=5)
    await latchkey.tick()
    latchkey.sandbox.break_next(refusing("GET", "/secrets/", 401, times=1))
    await latchkey.say(DANA, ASKED)
    await latchkey.restart(MicrosoftAppPassword="an earlier one")
    latchkey.teams.bot_url = latchkey.url
    lost = await latchkey.teams.deliver(a_message("help", AVERY))
    assert lost.status == HTTPStatus.SERVICE_UNAVAILABLE


async def _a_rotation_that_succeeds(bot: Latchkey, clock: ManualClock) -> None:
    await bot.say(AVERY, f"plan {APP_API_KEY}")
    await begun(bot)
    await bot.say(AVERY, "rotations")
    clock.advance(days=1)
    await bot.tick()


async def _rotations_that_fail(bot: Latchkey, clock: ManualClock) -> None:
    """Make Azure refuse, drop connections, and echo requests, at each step in turn."""
    bot.sandbox.break_next(refusing("PUT", "appsettings", 409, times=1))
    await begun(bot)
    value = versions(bot.sandbox)[-1].value
    said_back = Reply(400, {"error": {"code": "BadRequest", "message": f"no good: {value}"}})
    for method, path in (("GET", f"/secrets/{APP_API_KEY}"), ("PUT", "appsettings")):
        plan = await planned(bot)
        bot.sandbox.break_next(InjectedFault(method, re.compile(path), answer=said_back))
        await bot.click(AVERY, plan, "Rotate")
        await bot.tick()
    lost = InjectedFault(
        "PUT", re.compile("/secrets/|appsettings"), Action.DROP, When.AFTER, times=3
    )
    bot.sandbox.break_next(lost)
    await begun(bot)
    for _ in range(20):
        clock.advance(minutes=5)
        await bot.tick()
    bot.sandbox.state.faults.clear()
    set_by_hand(bot.sandbox, API_KEY=versions(bot.sandbox)[0].value)
    await planned(bot)


async def _pages(latchkey: Latchkey) -> list[str]:
    return [str(await latchkey.get(path)) for path in ("/healthz", "/readyz", "/metrics")]
