"""Anything but Teams acting for one of our people is rejected, with a reason."""

import pytest

from tests.bot.edge import DANA, Clock, FakeBot
from tests.support.teams import TENANT, Json, Teams, a_message, an_execute

STRANGER_TENANT = "00000000-1111-4222-8333-444444444444"


def refusal(status: int, reason: str) -> tuple[int, Json]:
    return status, {"error": reason}


async def test_a_genuine_message_is_accepted(edge: Teams, bot: FakeBot) -> None:
    answer = await edge.deliver(a_message("help", DANA))

    assert answer == (200, None)
    assert [activity.text for activity in bot.turns] == ["help"]


async def test_another_tenant_is_refused(edge: Teams, bot: FakeBot) -> None:
    stranger = {"channelData": {"tenant": {"id": STRANGER_TENANT}}}

    answer = await edge.deliver(a_message("help", DANA) | stranger)

    assert refusal(403, "the tenant is not served here") == answer
    assert bot.turns == []


async def test_a_tenant_in_the_conversation_is_ignored(edge: Teams, bot: FakeBot) -> None:
    message = a_message("help", DANA)
    assert message["conversation"]["tenantId"] == TENANT

    answer = await edge.deliver(message | {"channelData": {}})

    assert refusal(403, "the tenant is not served here") == answer
    assert bot.turns == []


@pytest.mark.parametrize("object_id", [None, "", "dana@contoso.com", "4f0d2b9e"])
async def test_a_sender_without_an_object_id_is_refused(
    edge: Teams, bot: FakeBot, object_id: str | None
) -> None:
    sender = DANA.account() | {"aadObjectId": object_id}

    message = await edge.deliver(a_message("help", DANA) | {"from": sender})
    click = await edge.deliver(an_execute("approve", {}, DANA) | {"from": sender})

    assert refusal(403, "the sender has no Entra object id") == message
    assert refusal(403, "the sender has no Entra object id") == click
    assert bot.turns == []


@pytest.mark.parametrize("channel", ["webchat", "emulator", "directline", "MSTEAMS", "", None])
async def test_another_channel_is_refused(edge: Teams, bot: FakeBot, channel: str | None) -> None:
    edge.mint.endorsements = [channel or "none", "msteams"]

    answer = await edge.deliver(a_message("help", DANA) | {"channelId": channel})

    assert refusal(403, "the channel is not Microsoft Teams") == answer
    assert bot.turns == []


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "https://evil.example/emea/",
        "https://smba.trafficmanager.net.evil.example/",
        "https://smba.trafficmanager.net@evil.example/",
        "https://evil.example\\@smba.trafficmanager.net/",
        "https://evil.example#@smba.trafficmanager.net/",
        "http://smba.trafficmanager.net/emea/",
        "https://smba.trafficmanager.net:8443/emea/",
        "https://smba.trafficmanager.net/emea/?to=https://evil.example",
        "http://127.0.0.1:3978/",
        "file:///etc/passwd",
    ],
)
async def test_a_service_url_that_is_not_teams_is_refused(
    edge: Teams, bot: FakeBot, url: str | None
) -> None:
    token = edge.mint.token(serviceurl=url)

    answer = await edge.deliver(a_message("help", DANA) | {"serviceUrl": url}, token)

    assert refusal(403, "the serviceUrl is not a Teams endpoint") == answer
    assert bot.turns == []


@pytest.mark.parametrize("claim", [None, "", "https://smba.trafficmanager.net/amer/"])
async def test_a_token_for_another_service_url_is_refused(
    edge: Teams, bot: FakeBot, claim: str | None
) -> None:
    answer = await edge.deliver(a_message("help", DANA), edge.mint.token(serviceurl=claim))

    assert refusal(401, "the token is for another serviceUrl") == answer
    assert bot.turns == []


@pytest.mark.parametrize("endorsements", [None, [], ["skype", "webchat"]])
async def test_a_key_not_endorsed_for_teams_is_refused(
    edge: Teams, bot: FakeBot, endorsements: list[str] | None
) -> None:
    edge.mint.endorsements = endorsements

    answer = await edge.deliver(a_message("help", DANA))

    assert refusal(401, "the token's key is not endorsed for this channel") == answer
    assert bot.turns == []


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": None}, "the token has no exp claim"),
        ({"aud": None}, "the token has no aud claim"),
        ({"iss": None}, "the token has no iss claim"),
        ({"aud": "another-bot"}, "the token is for another audience"),
        ({"iss": "https://sts.windows.net/x/"}, "the token is from another issuer"),
        ({"exp": "tomorrow"}, "the token's times are not numbers"),
        ({"exp": True}, "the token's times are not numbers"),
        ({"exp": 1}, "the token has expired"),
        ({"nbf": 9_999_999_999}, "the token is not valid yet"),
    ],
)
async def test_a_token_with_wrong_claims_is_refused(
    edge: Teams, bot: FakeBot, claims: Json, reason: str
) -> None:
    answer = await edge.deliver(a_message("help", DANA), edge.mint.token(**claims))

    assert refusal(401, reason) == answer
    assert bot.turns == []


async def test_a_token_for_several_audiences_is_refused(edge: Teams) -> None:
    token = edge.mint.token(aud=["another-bot", "0b9f3ab1-6f5e-4a59-9a4b-1f0c3a4d5e6f"])

    answer = await edge.deliver(a_message("help", DANA), token)

    assert refusal(401, "the token is for another audience") == answer


async def test_a_token_expires_even_if_it_was_valid_before(edge: Teams, clock: Clock) -> None:
    token = edge.mint.token()
    before = await edge.deliver(a_message("help", DANA), token)

    clock.advance(minutes=64)
    within_the_skew = await edge.deliver(a_message("help", DANA), token)
    clock.advance(minutes=1)
    after = await edge.deliver(a_message("help", DANA), token)

    assert before == (200, None)
    assert within_the_skew == (200, None)
    assert refusal(401, "the token has expired") == after


async def test_a_token_of_an_unknown_key_is_refused(edge: Teams) -> None:
    answer = await edge.deliver(a_message("help", DANA), edge.mint.token(kid="made-up"))

    assert refusal(401, "the token is signed with an unknown key") == answer


async def test_a_token_signed_with_another_key_under_a_known_id_is_refused(edge: Teams) -> None:
    answer = await edge.deliver(a_message("help", DANA), edge.mint.signed_with_another_key())

    assert refusal(401, "the token is not valid") == answer


async def test_an_unsigned_token_is_refused(edge: Teams) -> None:
    answer = await edge.deliver(a_message("help", DANA), edge.mint.unsigned())

    assert refusal(401, "the token's algorithm is not accepted") == answer


async def test_a_public_key_is_not_used_as_an_hmac_secret(edge: Teams) -> None:
    answer = await edge.deliver(a_message("help", DANA), edge.mint.signed_with_the_public_key())

    assert refusal(401, "the token's algorithm is not accepted") == answer


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        (None, "a bearer token is required"),
        ("", "a bearer token is required"),
        ("Basic ZGFuYTpwYXNz", "a bearer token is required"),
        ("Bearer", "a bearer token is required"),
        ("Bearer x", "the token cannot be read"),
        ("Bearer a.b.c", "the token cannot be read"),
        ("Bearer ü.ü.ü", "the token cannot be read"),
        ("Bearer " + "x" * 7000, "the token cannot be read"),
    ],
)
async def test_anything_but_a_token_is_refused(
    edge: Teams, bot: FakeBot, authorization: str | None, reason: str
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    answer = await edge.post(json=a_message("help", DANA), headers=headers)

    assert refusal(401, reason) == answer
    assert bot.turns == []
