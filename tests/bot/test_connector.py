"""Speaking to Teams: at its pace, at most once where it matters, and to nobody else."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from botbuilder.schema import Activity, ChannelAccount, ConversationParameters, Mention

from bot.clouds import PUBLIC
from bot.connector import Connector
from bot.connector_errors import ConnectorUnavailable, Gone, Refused, Unreachable
from bot.service_urls import ServiceUrls
from bot.tokens import TokenUnavailable
from tests.bot.edge import DANA, OTTO, Clock, FixedToken, a_connector
from tests.support.teams import APP_ID, TENANT, Fault, Json, Person, Teams

CHAT = f"a:{DANA.object_id}"
HELLO: Json = {"type": "message", "text": "Hello"}


@pytest.fixture
async def session(teams: Teams) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=teams.trust())) as session:
        yield session


@pytest.fixture
def connector(teams: Teams, session: aiohttp.ClientSession, clock: Clock) -> Connector:
    return a_connector(session, clock, ServiceUrls(frozenset({teams.host})), FixedToken())


async def test_a_message_is_sent_with_the_access_token(connector: Connector, teams: Teams) -> None:
    sent = await connector.send(teams.service_url, CHAT, HELLO)

    [posted] = teams.said_to(DANA)
    assert (posted.id, posted.activity) == (sent, HELLO)
    assert [request.authorization for request in teams.requests] == ["Bearer outgoing-token"]


async def test_a_person_is_reached_by_their_object_id(connector: Connector, teams: Teams) -> None:
    parameters = ConversationParameters(
        is_group=False,
        bot=ChannelAccount(id=f"28:{APP_ID}"),
        members=[ChannelAccount(id=DANA.object_id)],
        channel_data={"tenant": {"id": TENANT}},
    )

    opened = await connector.create_conversation(teams.service_url, parameters)

    assert opened == (CHAT, "")
    assert teams.conversations[CHAT] == {
        "isGroup": False,
        "bot": {"id": f"28:{APP_ID}"},
        "members": [{"id": DANA.object_id}],
        "channelData": {"tenant": {"id": TENANT}},
    }


async def test_a_channel_post_opens_a_thread(connector: Connector, teams: Teams) -> None:
    channel = {"channel": {"id": "19:audit@thread.tacv2"}}
    parameters = {"isGroup": True, "channelData": channel, "activity": HELLO}

    conversation_id, activity_id = await connector.create_conversation(
        teams.service_url, parameters
    )
    await connector.update(teams.service_url, conversation_id, activity_id, {"text": "Bye"})

    [posted] = teams.said_in(conversation_id)
    assert f"19:audit@thread.tacv2;messageid={activity_id}" == conversation_id
    assert (posted.text, posted.earlier) == ("Bye", [HELLO])


async def test_ids_cannot_leave_their_place_in_the_path(connector: Connector, teams: Teams) -> None:
    sent = await connector.send(teams.service_url, "a/../b?c#d%2F;messageid=1", HELLO)

    [posted] = teams.said_in("a/../b?c#d%2F;messageid=1")
    assert posted.id == sent


@pytest.mark.parametrize("conversation_id", ["", ".", ".."])
async def test_an_empty_id_is_a_mistake_of_ours(
    connector: Connector, teams: Teams, conversation_id: str
) -> None:
    with pytest.raises(ValueError, match="an id is empty"):
        await connector.send(teams.service_url, conversation_id, HELLO)


async def test_a_mention_keeps_its_text(connector: Connector, teams: Teams) -> None:
    mention = Mention(
        mentioned=ChannelAccount(id=DANA.id, name=DANA.name),
        text="<at>Dana Developer</at>",
        type="mention",
    )
    activity = Activity(type="message", text="<at>Dana Developer</at>", entities=[mention])

    await connector.send(teams.service_url, CHAT, activity)

    [posted] = teams.said_to(DANA)
    assert posted.activity["entities"] == [
        {
            "type": "mention",
            "text": "<at>Dana Developer</at>",
            "mentioned": {"id": DANA.id, "name": DANA.name},
        }
    ]


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "http://127.0.0.1:1/", "https://127.0.0.1:1/", ""]
)
async def test_the_token_goes_to_no_other_host(connector: Connector, url: str) -> None:
    with pytest.raises(Unreachable, match="the serviceUrl is not a Teams endpoint"):
        await connector.send(url, CHAT, HELLO)


async def test_a_redirect_is_not_followed(connector: Connector, teams: Teams) -> None:
    teams.fail(Fault(307))

    with pytest.raises(Refused):
        await connector.send(teams.service_url, CHAT, HELLO)

    assert len(teams.requests) == 1


@pytest.mark.parametrize("status", [429, 412, 503])
async def test_a_busy_teams_is_asked_again_when_it_says(
    connector: Connector, teams: Teams, clock: Clock, status: int
) -> None:
    teams.fail(Fault(status, retry_after=2))

    await connector.send(teams.service_url, CHAT, HELLO)

    assert clock.slept == [2.0]
    assert len(teams.said_to(DANA)) == 1


async def test_a_teams_that_stays_busy_is_given_up_after_three_times(
    connector: Connector, teams: Teams, clock: Clock
) -> None:
    teams.fail(Fault(429, retry_after="soon"), times=3)

    with pytest.raises(ConnectorUnavailable) as raised:
        await connector.send(teams.service_url, CHAT, HELLO)

    assert (raised.value.retry_after, raised.value.ambiguous) == (None, False)
    assert clock.slept == [0.5, 1.0]
    assert len(teams.requests) == 3


async def test_a_long_pause_is_left_to_the_caller(
    connector: Connector, teams: Teams, clock: Clock
) -> None:
    teams.fail(Fault(429, retry_after=60))

    with pytest.raises(ConnectorUnavailable) as raised:
        await connector.send(teams.service_url, CHAT, HELLO)

    assert raised.value.retry_after == 60
    assert clock.slept == []


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_message_that_may_have_been_sent_is_not_sent_again(
    connector: Connector, teams: Teams, status: int
) -> None:
    teams.fail(Fault(status, after_effect=True))

    with pytest.raises(ConnectorUnavailable) as raised:
        await connector.send(teams.service_url, CHAT, HELLO)

    assert raised.value.ambiguous
    assert len(teams.said_to(DANA)) == 1


async def test_an_update_is_tried_again(connector: Connector, teams: Teams) -> None:
    sent = await connector.send(teams.service_url, CHAT, HELLO)
    teams.fail(Fault(502), times=2)

    await connector.update(teams.service_url, CHAT, sent, {"text": "Bye"})

    assert teams.said_to(DANA)[0].text == "Bye"


async def test_a_teams_that_hangs_is_not_waited_for(
    connector: Connector, teams: Teams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.connector._TIMEOUT", aiohttp.ClientTimeout(total=0.05))
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
async def test_who_cannot_be_reached_is_told_apart(
    connector: Connector, teams: Teams, code: str
) -> None:
    teams.fail(Fault(403, code))

    with pytest.raises(Unreachable) as raised:
        await connector.send(teams.service_url, CHAT, HELLO)

    assert code == raised.value.code


async def test_a_conversation_that_does_not_exist_cannot_be_reached(
    connector: Connector, teams: Teams
) -> None:
    teams.fail(Fault(404, "ConversationNotFound"), times=2)

    with pytest.raises(Unreachable):
        await connector.send(teams.service_url, CHAT, HELLO)
    with pytest.raises(Unreachable):
        await connector.update(teams.service_url, CHAT, "1", HELLO)


async def test_someone_without_the_app_cannot_be_reached(
    connector: Connector, teams: Teams
) -> None:
    teams.uninstalled_for.add(OTTO)

    with pytest.raises(Unreachable, match="BotNotInConversationRoster"):
        await connector.create_conversation(
            teams.service_url, {"members": [{"id": OTTO.object_id}]}
        )


async def test_a_message_that_is_gone_cannot_be_updated(connector: Connector, teams: Teams) -> None:
    sent = await connector.send(teams.service_url, CHAT, HELLO)
    await connector.delete(teams.service_url, CHAT, sent)

    with pytest.raises(Gone):
        await connector.update(teams.service_url, CHAT, sent, HELLO)


@pytest.mark.parametrize("status", [400, 401, 413])
async def test_what_teams_refuses_is_not_sent_again(
    connector: Connector, teams: Teams, status: int
) -> None:
    teams.fail(Fault(status, "BadArgument"))

    with pytest.raises(Refused, match=f"Teams answered {status} BadArgument"):
        await connector.send(teams.service_url, CHAT, HELLO)

    assert len(teams.requests) == 1


async def test_members_are_found_by_any_of_their_ids(connector: Connector, teams: Teams) -> None:
    teams.people = [DANA, OTTO]

    found = await connector.member(teams.service_url, CHAT, OTTO.object_id)
    unknown = await connector.member(teams.service_url, CHAT, "29:nobody")

    assert found is not None
    assert OTTO.object_id == found["aadObjectId"]
    assert unknown is None


async def test_members_are_listed_over_all_pages(connector: Connector, teams: Teams) -> None:
    teams.people = [Person(f"Person {number}", f"id-{number}") for number in range(5)]
    teams.page_size = 2

    members = await connector.members(teams.service_url, "19:team@thread.tacv2")

    assert [person.name for person in teams.people] == [member["name"] for member in members]


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


async def test_one_bot_makes_fifty_requests_a_second(
    connector: Connector, teams: Teams, clock: Clock
) -> None:
    for number in range(51):
        await connector.send(teams.service_url, f"a:{number}", HELLO)

    assert clock.slept == [1.0]


async def test_a_flood_is_handed_back_to_the_caller(
    connector: Connector, teams: Teams, clock: Clock
) -> None:
    async def send() -> str:
        return await connector.send(teams.service_url, CHAT, HELLO)

    outcomes = await asyncio.gather(*(send() for _ in range(100)), return_exceptions=True)

    refused = [fault for fault in outcomes if isinstance(fault, ConnectorUnavailable)]
    assert len(outcomes) == len(refused) + len(teams.said_to(DANA))
    assert all(fault.retry_after and fault.retry_after > 5 for fault in refused)


def test_the_public_cloud_has_no_host_of_other_channels() -> None:
    urls = ServiceUrls(PUBLIC.service_hosts)

    assert urls.allow("https://smba.trafficmanager.net/emea/7d3c2f0a/")
    assert urls.allow("https://SMBA.trafficmanager.net:443/amer/")
    assert not urls.allow("https://webchat.botframework.com/")
    assert not urls.allow("https://smba.infra.gov.teams.microsoft.us/")
