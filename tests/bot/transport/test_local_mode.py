"""Without an app id there are no tokens, and only this machine is allowed."""

import pytest

from tests.bot.edge import DANA, FakeBot, echo
from tests.support.teams import Teams, a_message


async def test_local_mode_requires_no_token(local_edge: Teams, bot: FakeBot) -> None:
    bot.act = echo

    answer = await local_edge.deliver(a_message("help", DANA), token="")

    [reply] = local_edge.posted_to(DANA)
    assert answer == (200, None)
    assert reply.text == "You said: help"
    assert [request.authorization for request in local_edge.requests] == [None]


@pytest.mark.parametrize(
    "url", ["https://smba.trafficmanager.net/emea/", "http://192.0.2.7/", "https://127.0.0.1:1/"]
)
async def test_local_mode_answers_only_on_the_loopback_interface(
    local_edge: Teams, bot: FakeBot, url: str
) -> None:
    answer = await local_edge.deliver(a_message("help", DANA) | {"serviceUrl": url}, token="")

    assert answer == (403, {"error": "the serviceUrl is not a Teams endpoint"})
    assert bot.turns == []


async def test_local_mode_applies_all_other_rules(local_edge: Teams, bot: FakeBot) -> None:
    nobody = a_message("help", DANA) | {"from": {"id": "29:x", "name": "Nobody"}}

    answer = await local_edge.deliver(nobody, token="")

    assert answer == (403, {"error": "the sender has no Entra object id"})
    assert bot.turns == []
