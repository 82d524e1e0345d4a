"""Looking up people in the directory."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.people import Person
from sandbox.seed import AVERY, BOT, DANA, GALE, MORGAN, ROBIN, SAM
from services.azure.calls.pipeline import Pipeline
from services.azure.entra.graph import GraphPeople
from services.faults import AccountDisabled, NotPermitted, Unavailable
from services.ports import AccountState
from tests.services.azure.conftest import answering, dropping
from tests.support.sandbox import Sandbox

THE_DANA = Person(DANA.id, "Dana Developer", "dana@contoso.com")


@pytest.fixture
async def people(sandbox: Sandbox, pipeline: Pipeline) -> AsyncIterator[GraphPeople]:
    people = GraphPeople(
        sandbox.credential(BOT.id),
        pipeline,
        endpoint=sandbox.base_url,
        token_scope=f"{sandbox.base_url}/.default",
    )
    yield people
    await people.close()


@pytest.mark.parametrize(
    "who", [DANA.id, DANA.id.upper(), DANA.user_principal_name, " Dana@Contoso.com "]
)
async def test_a_person_is_found_by_object_id_or_user_principal_name(
    people: GraphPeople, who: str
) -> None:
    assert await people.find(who) == THE_DANA


async def test_a_person_is_found_by_an_email_that_is_not_their_user_principal_name(
    people: GraphPeople,
) -> None:
    assert MORGAN.mail != MORGAN.user_principal_name
    assert await people.find(MORGAN.mail) == Person(MORGAN.id, MORGAN.display_name, MORGAN.mail)


async def test_a_guest_is_found_by_a_name_with_a_hash(people: GraphPeople) -> None:
    found = await people.find(GALE.user_principal_name)

    assert found == Person(GALE.id, GALE.display_name, GALE.mail, guest=True)


@pytest.mark.parametrize(
    "mail", ["pat.o'brien@contoso.com", "pat+x&y=z@contoso.com", "pat/o%27h#1@contoso.com"]
)
async def test_an_email_may_contain_characters_that_urls_and_filters_use(
    sandbox: Sandbox, people: GraphPeople, mail: str
) -> None:
    sandbox.state.directory.users["pat"] = replace(ROBIN, id="pat", mail=mail)
    del sandbox.state.directory.users[ROBIN.id]

    assert await people.find(mail) == Person("pat", ROBIN.display_name, mail)


async def test_a_person_without_an_email_gets_their_user_principal_name(
    sandbox: Sandbox, people: GraphPeople
) -> None:
    sandbox.state.directory.users[DANA.id] = replace(DANA, mail="")

    assert await people.find(DANA.id) == THE_DANA


@pytest.mark.parametrize("who", ["nobody@contoso.com", "nobody", "", "  ", "..", "../groups"])
async def test_an_unknown_person_is_none(people: GraphPeople, who: str) -> None:
    assert await people.find(who) is None


async def test_a_quote_does_not_end_the_filter(people: GraphPeople) -> None:
    assert await people.find("x' and mail eq 'dana@contoso.com") is None


@pytest.mark.parametrize("who", [SAM.id, SAM.mail])
async def test_a_disabled_account_is_recognized(people: GraphPeople, who: str) -> None:
    with pytest.raises(AccountDisabled):
        await people.find(who)


async def test_an_email_that_two_people_share_finds_neither(
    sandbox: Sandbox, people: GraphPeople
) -> None:
    for user in (ROBIN, AVERY):
        sandbox.state.directory.users[user.id] = replace(user, mail="shared@contoso.com")

    assert await people.find("shared@contoso.com") is None


async def test_a_disabled_account_does_not_hide_its_successor(
    sandbox: Sandbox, people: GraphPeople
) -> None:
    for user in (SAM, ROBIN):
        sandbox.state.directory.users[user.id] = replace(user, mail="desk@contoso.com")

    assert await people.find("desk@contoso.com") == Person(
        ROBIN.id, ROBIN.display_name, "desk@contoso.com"
    )


async def test_a_missing_permission_raises_not_permitted(
    sandbox: Sandbox, people: GraphPeople
) -> None:
    sandbox.state.knobs.graph_permitted = False

    with pytest.raises(NotPermitted, match="403 Authorization_RequestDenied"):
        await people.find(DANA.mail)


async def test_a_throttled_graph_is_unavailable_for_as_long_as_it_asks(
    sandbox: Sandbox, people: GraphPeople
) -> None:
    sandbox.break_next(answering(429, "TooManyRequests", headers={"Retry-After": "30"}))

    with pytest.raises(Unavailable) as caught:
        await people.find(DANA.mail)

    assert caught.value.retry_after == timedelta(seconds=30)


async def test_a_graph_that_drops_connections_is_unavailable(
    sandbox: Sandbox, people: GraphPeople
) -> None:
    sandbox.break_next(dropping())

    with pytest.raises(Unavailable, match="Microsoft Graph: ServiceRequestError"):
        await people.find(DANA.mail)


async def test_guests_and_members_are_distinguished(people: GraphPeople) -> None:
    found = [await people.find(who.id) for who in (GALE, DANA)]

    assert [person and person.guest for person in found] == [True, False]


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (DANA.id, AccountState.ENABLED),
        (DANA.mail, AccountState.ENABLED),
        (SAM.mail, AccountState.DISABLED),
        ("nobody@contoso.com", AccountState.UNKNOWN),
    ],
)
async def test_an_account_is_enabled_disabled_or_unknown(
    people: GraphPeople, who: str, expected: AccountState
) -> None:
    assert await people.account(who) is expected
