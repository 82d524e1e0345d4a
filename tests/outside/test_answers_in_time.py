"""Teams gives up on a turn after 15 seconds, so nobody waits longer for a service that hangs."""

import asyncio
import re
from collections.abc import Callable

import pytest

from bot.transport import turn
from sandbox.faults import Action, InjectedFault
from sandbox.seed import APP_API_KEY
from tests.outside.rotation_scenarios import ROTATE
from tests.outside.scenarios import ASKED, asked
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey
from tests.support.teams import Person, Place

pytestmark = pytest.mark.in_memory

LONGEST_SECONDS = 5.0
"""Much longer than a turn may take here, and much shorter than the clients' time-outs."""

COMMANDS = (
    *((DANA, typed) for typed in ("secrets", ASKED, "request secret demo-api-key", "my access")),
    *((AVERY, typed) for typed in (ROTATE, f"plan {APP_API_KEY}", "rotations", "report", "stuck")),
    *((AVERY, typed) for typed in ("why demo-api-key @dana@contoso.com", "approvals", "history")),
)


def hanging(path: str) -> InjectedFault:
    """Let requests to these addresses hang for as long as their client waits."""
    return InjectedFault("*", re.compile(path), action=Action.HANG, times=1_000)


Hurry = Callable[[float], None]


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> Hurry:
    """Return what lets turns answer in so many seconds, so that nobody waits as long as people."""
    return lambda seconds: monkeypatch.setattr(turn, "ANSWER_SECONDS", seconds)


@pytest.mark.parametrize(
    "path",
    ["/users", "/secrets", "/subscriptions/", "^(?!.*/oauth2/)"],
    ids=["Graph", "Key Vault", "the resource manager", "all but sign-in to Teams"],
)
async def test_each_command_is_answered_in_time_while_a_service_hangs(
    bot: Latchkey, hurry: Hurry, path: str
) -> None:
    await asked(bot)
    await bot.restart()  # so that nothing from the directory is cached
    bot.sandbox.break_next(hanging(path))
    hurry(0.2)
    for number, (person, typed) in enumerate(COMMANDS):
        # Each in its own chat: a single one would be slowed down by Teams' rate limits.
        answers = await answered_in_time(bot, person, typed, f"a:{person.object_id}-{number}")

        assert answers, typed
    bot.sandbox.state.faults.clear()


async def answered_in_time(bot: Latchkey, person: Person, typed: str, chat: str) -> list[object]:
    """Return the answers to a line; raises TimeoutError if there is none in time."""
    async with asyncio.timeout(LONGEST_SECONDS):
        return [*await bot.say_for_all(person, typed, Place(chat, "personal"))]


async def test_a_request_can_be_made_while_the_directory_hangs(bot: Latchkey, hurry: Hurry) -> None:
    await bot.say(AVERY, "secrets")  # so that the approvers are known, but not the requester
    bot.sandbox.break_next(hanging("/users"))
    hurry(4)  # half of it is for the directory, and the rest is plenty on a busy machine
    answer = await bot.say(DANA, ASKED)
    bot.sandbox.state.faults.clear()
    await bot.tick()

    assert answer.status == "Sent for approval"
    assert bot.card_of(AVERY).status == "Waiting for approval"


async def test_a_click_is_answered_in_time_while_a_service_hangs(
    bot: Latchkey, hurry: Hurry
) -> None:
    form = await bot.say(DANA, "request secret demo-api-key")
    bot.sandbox.break_next(hanging("/secrets"))
    hurry(0.2)
    async with asyncio.timeout(LONGEST_SECONDS):
        shown = await bot.click(
            DANA, form, "Send for approval", justification="a test", duration="2h"
        )
    bot.sandbox.state.faults.clear()

    assert "isn't responding right now, so nothing was done" in shown.words + shown.sentence


async def test_what_a_click_began_takes_its_time(bot: Latchkey, hurry: Hurry) -> None:
    await asked(bot)
    slow = InjectedFault("PUT", re.compile("roleAssignments"), action=Action.SLOW, seconds=1.5)
    bot.sandbox.break_next(slow)
    hurry(1)
    await bot.click(AVERY, bot.card_of(AVERY), "Approve")
    await bot.tick()

    [seen] = [post for post in bot.audit() if post.status == "Access granted"]
    assert "demo-api-key" in seen.words
