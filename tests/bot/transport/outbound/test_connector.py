"""Calls to Teams, as they are on the wire."""

import pytest
from botbuilder.schema import Activity, ChannelAccount, ConversationParameters, Mention

from bot.transport.clouds import PUBLIC
from bot.transport.outbound.connector import Connector
from bot.transport.outbound.connector_errors import (
    ActivityRefused,
    ConnectorUnavailable,
    ConversationUnreachable,
)
from bot.transport.service_urls import ServiceUrls
from tests.bot.edge import DANA, OTTO
from tests.support.teams import APP_ID, TENANT, Fault, Json, Person, Teams

CHAT = f"a:{DANA.object_id}"
TEAM = "19:team@thread.tacv2"
HELLO: Json = {"type": "message", "text": "Hello"}


async def test_a_message_is_sent_with_the_access_token(connector: Connector, teams: Teams) -> None:
    sent = await connector.send(teams.service_url, CHAT, HELLO)

    [posted] = teams.posted_to(DANA)
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


async def test_a_proxys_page_in_place_of_an_answer_does_not_count_as_sent(
    connector: Connector, teams: Teams
) -> None:
    teams.fail(Fault(200, text="<title>Sign in to the network</title>"))

    with pytest.raises(ConnectorUnavailable) as fault:
        await connector.send(teams.service_url, CHAT, HELLO)

    assert fault.value.ambiguous


async def test_an_update_is_repeated_after_a_proxys_page(
    connector: Connector, teams: Teams
) -> None:
    sent = await connector.send(teams.service_url, CHAT, HELLO)
    teams.fail(Fault(200, text="<title>Sign in to the network</title>"))
    await connector.update(teams.service_url, CHAT, sent, {"text": "Bye"})

    [posted] = teams.posted_to(DANA)
    assert (posted.text, posted.earlier) == ("Bye", [HELLO])


async def test_a_channel_post_opens_a_thread(connector: Connector, teams: Teams) -> None:
    channel = {"channel": {"id": "19:audit@thread.tacv2"}}
    parameters = {"isGroup": True, "channelData": channel, "activity": HELLO}

    conversation_id, activity_id = await connector.create_conversation(
        teams.service_url, parameters
    )
    await connector.update(teams.service_url, conversation_id, activity_id, {"text": "Bye"})

    [posted] = teams.posted_in(conversation_id)
    assert conversation_id == f"19:audit@thread.tacv2;messageid={activity_id}"
    assert (posted.text, posted.earlier) == ("Bye", [HELLO])


async def test_ids_cannot_escape_their_path_segment(connector: Connector, teams: Teams) -> None:
    sent = await connector.send(teams.service_url, "a/../b?c#d%2F;messageid=1", HELLO)

    [posted] = teams.posted_in("a/../b?c#d%2F;messageid=1")
    assert posted.id == sent


@pytest.mark.parametrize("conversation_id", ["", ".", ".."])
async def test_an_empty_id_is_a_programming_error(
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

    [posted] = teams.posted_to(DANA)
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
    with pytest.raises(ConversationUnreachable, match="the serviceUrl is not a Teams endpoint"):
        await connector.send(url, CHAT, HELLO)


async def test_a_redirect_is_not_followed(connector: Connector, teams: Teams) -> None:
    teams.fail(Fault(307, location=f"{teams.service_url}v3/conversations/elsewhere/activities"))

    with pytest.raises(ActivityRefused):
        await connector.send(teams.service_url, CHAT, HELLO)

    assert len(teams.requests) == 1


async def test_members_are_found_by_any_of_their_ids(connector: Connector, teams: Teams) -> None:
    teams.people = [DANA, OTTO]

    found = await connector.member(teams.service_url, TEAM, OTTO.object_id)
    unknown = await connector.member(teams.service_url, TEAM, "29:nobody")

    assert found is not None
    assert OTTO.object_id == found["aadObjectId"]
    assert unknown is None


async def test_members_are_listed_over_all_pages(connector: Connector, teams: Teams) -> None:
    teams.people = [Person(f"Person {number}", f"id-{number}") for number in range(5)]
    teams.page_size = 2

    members = await connector.members(teams.service_url, TEAM)

    assert [person.name for person in teams.people] == [member["name"] for member in members]


def test_the_public_cloud_has_no_host_of_other_channels() -> None:
    urls = ServiceUrls(PUBLIC.service_hosts)

    assert urls.allow("https://smba.trafficmanager.net/emea/7d3c2f0a/")
    assert urls.allow("https://SMBA.trafficmanager.net:443/amer/")
    assert not urls.allow("https://webchat.botframework.com/")
    assert not urls.allow("https://smba.infra.gov.teams.microsoft.us/")
