"""Set up a request for a test, and Azure's behaviour."""

import re

from sandbox.calls import Reply
from sandbox.faults import InjectedFault
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey
from tests.support.people import Seen

ASKED = "request secret demo-api-key for 2h because smoke test"


async def asked(bot: Latchkey) -> Seen:
    """Let Dana request access and the approvers be asked; return Dana's card as first shown."""
    card = await bot.say(DANA, ASKED)
    await bot.tick()
    return card


async def granted(bot: Latchkey) -> Seen:
    """Let Avery approve Dana's request, and access begin; return Dana's own card."""
    card = await asked(bot)
    await bot.click(AVERY, bot.card_of(AVERY), "Approve")
    await bot.tick()
    return card


def correlation_id(card: Seen) -> str:
    """Return the ID in a card's footer."""
    return card.words.rpartition("Correlation ID ")[2].split()[0]


def refusing(method: str, path: str, status: int = 403, times: int = 1_000) -> InjectedFault:
    """Make Azure refuse such requests with an error that the SDKs don't retry."""
    body = {"error": {"code": "AuthorizationFailed", "message": "not now"}}
    return InjectedFault(method, re.compile(path), answer=Reply(status, body), times=times)
