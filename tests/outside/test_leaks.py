"""No value of a secret and no credential gets out, whatever happens."""

import logging
import re
from collections.abc import Iterator

import pytest

from sandbox.faults import Action, Fault, When
from sandbox.seed import DEMO_API_KEY
from scripts.azurite import connection_string
from tests.outside.stories import ASKED, granted, refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, REGISTRATION, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.teams import Fault as TeamsFault
from tests.support.teams import a_message

TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}")


async def test_nothing_secret_is_written_logged_shown_or_answered(
    latchkey: Latchkey, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    values = set(_values(latchkey))

    await _a_day_on_which_all_goes_well(latchkey, clock)
    await _a_day_on_which_much_goes_wrong(latchkey, clock)

    written = [str(dict(row)) for row in await latchkey.rows()]
    logged = [f"{record.getMessage()} {vars(record)}" for record in caplog.records]
    shown = [str((post.activity, post.earlier)) for post in latchkey.teams.posted]
    opened = [str(parameters) for parameters in latchkey.teams.conversations.values()]
    answered = [*map(str, latchkey.answers), *await _pages(latchkey)]
    everything = "\n".join([*written, *logged, caplog.text, *shown, *opened, *answered])
    for told in (written, logged, shown, answered):
        assert DEMO_API_KEY in "".join(told)
    assert [value for value in values if value in everything] == []
    assert TOKEN.search(everything) is None


def _values(latchkey: Latchkey) -> Iterator[str]:
    """Collect what must stay where it is: every version's value, and the bot's credentials."""
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
    latchkey.sandbox.break_next(Fault("GET", re.compile("/secrets/"), Action.DROP, times=2))
    await latchkey.say(DANA, ASKED)
    latchkey.sandbox.break_next(refusing("PUT", "roleAssignments", times=1))
    await granted(latchkey)
    latchkey.sandbox.break_next(
        Fault("PUT", re.compile("roleAssignments"), Action.DROP, When.AFTER, times=3)
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
    await latchkey.deliver(a_message("help", AVERY))


async def _pages(latchkey: Latchkey) -> list[str]:
    return [str(await latchkey.get(path)) for path in ("/healthz", "/readyz", "/metrics")]
