"""Whatever part of Azure is down, people get a message about it, and nothing else fails."""

import re

import pytest

from sandbox.calls import Reply
from sandbox.faults import InjectedFault
from tests.outside.scenarios import ASKED, granted
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey
from tests.support.teams import Place

pytestmark = pytest.mark.in_memory


def away(path: str) -> InjectedFault:
    """Make these addresses unavailable for longer than an SDK would wait."""
    answer = Reply(503, headers={"Retry-After": "30"})
    return InjectedFault("*", re.compile(path), answer=answer, times=1_000)


COMMANDS = (
    *("help", "secrets", "my access", "approvals", "rotations", "stuck", "doctor", "report"),
    *(ASKED, "request secret demo-api-key", "break glass demo-api-key because of a fire"),
    *("rotate app-api-key", "plan app-api-key", "history", "history @nobody@contoso.com"),
    *("export", "status req-aaaaaaaaaa", "cancel req-aaaaaaaaaa", "revoke req-aaaaaaaaaa"),
)


@pytest.mark.parametrize(
    "path",
    ["/users", "/secrets", "/providers/", "^(?!.*/oauth2/)"],
    ids=["Graph", "Key Vault", "the resource manager", "all but sign-in to Teams"],
)
async def test_no_command_fails_because_of_an_outage(
    bot: Latchkey, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    await granted(bot)
    await bot.restart()  # so that nothing from the directory is cached
    bot.sandbox.break_next(away(path))
    for number, command in enumerate(COMMANDS):
        for person in (DANA, AVERY):
            # Each in its own chat: a single one would be slowed down by Teams' rate limits.
            place = Place(f"a:{person.object_id}-{number}", "personal")
            await bot.say_for_all(person, command, place)

    assert "turn failed" not in caplog.text
