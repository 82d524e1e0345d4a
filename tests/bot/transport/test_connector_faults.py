"""Teams is busy, slow, down or refuses: nothing is sent twice, and nothing too fast."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest

from bot.transport.outbound.connector import Connector
from bot.transport.outbound.connector_errors import (
    ActivityGone,
    ActivityRefused,
    ConnectorUnavailable,
    ConversationUnreachable,
)
from bot.transport.outbound.tokens import TokenUnavailable
from bot.transport.service_urls import ServiceUrls
from services.workflow.ownership import owned_until
from tests.bot.edge import DANA, OTTO, Clock, a_connector
from tests.support.clock import ManualClock
from tests.support.teams import Fault, Json, Teams

CHAT = f"a:{DANA.object_id}"
HELLO: Json = {"type": "message", "text": "Hello"}


@pytest.mark.parametrize("status", [429, 412, 503])
async def test_a_busy_teams_is_retried_when_it_says(
    connector: Connector, teams: Teams, clock: Clock, status: int
) -> None:
    teams.fail(Fault(status, retry_after=2))

    await connector.send(teams.service_url, CHAT, HELLO)

    assert clock.slept == [2.0]
    assert len(teams.posted_to(DANA)) == 1


async def test_a_teams_that_stays_busy_is_given_up_after_three_attempts(
    connector: Connector, teams: Teams, clock: Clock
) -> None:
    teams.fail(Fault(429, retry_after="soon"), times=3)

    with pytest.raises(ConnectorUnavailable) as raised:
        await connector.send(teams.service_url, CHAT, HELLO)

    assert (raised.value.retry_after, raised.value.ambiguous) == (None, False)
    assert clock.slept == [0.5, 1.0]
    assert len(teams.requests) == 3


async def test_nothing_is_sent_under_a_claim_that_ran_out(
    connector: Connector, teams: Teams, clock: Clock
) -> None:
    now = ManualClock()

    with owned_until(now(), now), pytest.raises(ConnectorUnavailable) as raised:
        await connector.send(teams.service_url, CHAT, HELLO)

    assert (raised.value.ambiguous, clock.slept) == (False, [])
    assert teams.requests == []


async def test_a_long_pause_is_left_to_the_caller(
    connector: Connector, teams: Teams, clock: Clock
) -> None:
    teams.fail(Fault(429, retry_after=60))

    with pytest.raises(ConnectorUnavailable) as raised:
        await connector.send(teams.service_url, CHAT, HELLO)

    assert raised.value.retry_after == timedelta(seconds=60)
    assert clock.slept == []


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_message_that_may_have_been_sent_is_not_sent_again(
    connector: Connector, teams: Teams, status: int
) -> None:
    teams.fail(Fault(status, after_effect=True))

    with pytest.raises(ConnectorUnavailable) as raised:
        await connector.send(teams.service_url, CHAT, HELLO)

    assert raised.value.ambiguous
    assert len(teams.posted_to(DANA)) == 1


async def test_an_update_is_retried(connector: Connector, teams: Teams) -> None:
    sent = await connector.send(teams.service_url, CHAT, HELLO)
    teams.fail(Fault(502), times=2)

    await connector.update(teams.service_url, CHAT, sent, {"text": "Bye"})

    assert teams.posted_to(DANA)[0].text == "Bye"


@pytest.mark.parametrize(("status", "is_sure"), [(None, True), (503, True), (502, False)])
async def test_an_update_says_whether_an_earlier_attempt_may_still_be_carried_out(
    connector: Connector, teams: Teams, status: int | None, *, is_sure: bool
) -> None:
    sent = await connector.send(teams.service_url, CHAT, HELLO)
    if status:
        teams.fail(Fault(status))

    said = await connector.update(teams.service_url, CHAT, sent, {"text": "Bye"})

    assert said is is_sure


async def test_so_does_an_update_that_is_refused_in_the_end(
    connector: Connector, teams: Teams
) -> None:
    sent = await connector.send(teams.service_url, CHAT, HELLO)
    teams.fail(Fault(502))
    teams.fail(Fault(429), times=2)

    with pytest.raises(ConnectorUnavailable) as raised:
        await connector.update(teams.service_url, CHAT, sent, {"text": "Bye"})

    assert raised.value.ambiguous


async def test_a_teams_that_hangs_is_not_waited_for(
    connector: Connector, teams: Teams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connector, "_timeout", aiohttp.ClientTimeout(total=0.05))
    teams.fail(Fault(hang=True))

    with pytest.raises(ConnectorUnavailable, match="Teams did not answer") as raised:
        await connector.send(teams.service_url, CHAT, HELLO)

    assert raised.value.ambiguous


async def test_a_teams_that_is_down_is_unavailable(
    session: aiohttp.ClientSession, clock: Clock, unused_tcp_port: int
) -> None:
    urls = ServiceUrls(frozenset({f"127.0.0.1:{unused_tcp_port}"}))
    connector = a_connector(session, clock, urls, None)

    with pytest.raises(ConnectorUnavailable, match="Teams cannot be reached") as raised:
        await connector.send(f"https://127.0.0.1:{unused_tcp_port}/", CHAT, HELLO)

    assert not raised.value.ambiguous


@pytest.mark.parametrize(
    "code", ["BotNotInConversationRoster", "ForbiddenOperationException", "MessageWritesBlocked"]
)
async def test_unreachable_people_are_distinguished(
    connector: Connector, teams: Teams, code: str
) -> None:
    teams.fail(Fault(403, code))

    with pytest.raises(ConversationUnreachable) as raised:
        await connector.send(teams.service_url, CHAT, HELLO)

    assert code == raised.value.code


async def test_a_conversation_that_does_not_exist_cannot_be_reached(
    connector: Connector, teams: Teams
) -> None:
    teams.fail(Fault(404, "ConversationNotFound"), times=2)

    with pytest.raises(ConversationUnreachable):
        await connector.send(teams.service_url, CHAT, HELLO)
    with pytest.raises(ConversationUnreachable):
        await connector.update(teams.service_url, CHAT, "1", HELLO)


async def test_someone_without_the_app_cannot_be_reached(
    connector: Connector, teams: Teams
) -> None:
    teams.uninstalled_for.add(OTTO)

    with pytest.raises(ConversationUnreachable, match="BotNotInConversationRoster"):
        await connector.create_conversation(
            teams.service_url, {"members": [{"id": OTTO.object_id}]}
        )


async def test_a_message_that_is_gone_cannot_be_updated(connector: Connector, teams: Teams) -> None:
    sent = await connector.send(teams.service_url, CHAT, HELLO)
    await connector.delete(teams.service_url, CHAT, sent)

    with pytest.raises(ActivityGone):
        await connector.update(teams.service_url, CHAT, sent, HELLO)


@pytest.mark.parametrize("status", [400, 401, 413])
async def test_a_refused_message_is_not_sent_again(
    connector: Connector, teams: Teams, status: int
) -> None:
    teams.fail(Fault(status, "BadArgument"))

    with pytest.raises(ActivityRefused, match=f"Teams answered {status} BadArgument"):
        await connector.send(teams.service_url, CHAT, HELLO)

    assert len(teams.requests) == 1


async def test_no_message_is_sent_without_a_token(
    teams: Teams, session: aiohttp.ClientSession, clock: Clock
) -> None:
    class NoToken:
        async def get_token(self) -> str:
            raise TokenUnavailable("no access token for the connector")

    connector = a_connector(session, clock, ServiceUrls(frozenset({teams.host})), NoToken())

    with pytest.raises(ConnectorUnavailable, match="no access token"):
        await connector.send(teams.service_url, CHAT, HELLO)

    assert teams.requests == []


async def test_one_conversation_gets_seven_messages_a_second(
    connector: Connector, teams: Teams, clock: Clock
) -> None:
    for _ in range(9):
        await connector.send(teams.service_url, CHAT, HELLO)

    assert clock.slept == [1.0, 1.0]
    assert clock.seconds() == 2.0


async def test_one_bot_makes_at_most_fifty_requests_in_any_second(
    connector: Connector, teams: Teams, clock: Clock
) -> None:
    at = list[float]()
    for number in range(130):
        await connector.send(teams.service_url, f"a:{number}", HELLO)
        at.append(clock.seconds())

    most = max(sum(start <= one < start + 1 for one in at) for start in at)
    assert 45 <= most <= 50
    assert at[-1] == pytest.approx(120 / 40, abs=0.01)


async def test_a_flood_is_handed_back_to_the_caller(
    connector: Connector, teams: Teams, clock: Clock
) -> None:
    async def send() -> str:
        return await connector.send(teams.service_url, CHAT, HELLO)

    outcomes = await asyncio.gather(*(send() for _ in range(100)), return_exceptions=True)

    refused = [fault for fault in outcomes if isinstance(fault, ConnectorUnavailable)]
    assert len(outcomes) == len(refused) + len(teams.posted_to(DANA))
    assert all(fault.retry_after and fault.retry_after > timedelta(seconds=5) for fault in refused)
