"""Client secrets of app registrations: one for each rotation, known by its name."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.rotation import Rotation
from domain.secrets import SecretValue
from services.faults import NotPermitted, Rejected, Unavailable
from services.rotation.issuers.app_registration import AppRegistrationIssuer, check_options
from services.rotation.ports import Version
from tests.support.clock import NINE
from tests.support.crashing_table import When
from tests.support.issuer_fakes import FakeAppPasswords, FakeSignIns
from tests.support.rotation_builders import DAY, a_rotation

APPLICATION = "60000000-0000-4000-8000-000000000001"
OLD = Version(id="old", enabled=True, created_at=None)


@pytest.fixture
def passwords() -> FakeAppPasswords:
    passwords = FakeAppPasswords()
    passwords.register(APPLICATION)
    return passwords


@pytest.fixture
def issuer(passwords: FakeAppPasswords) -> AppRegistrationIssuer:
    return AppRegistrationIssuer(passwords, FakeSignIns(passwords))


def _rotation(
    application: str = APPLICATION,
    max_age: timedelta | None = None,
    **found: str,
) -> Rotation:
    rotation = a_rotation(**found)
    options = (("application", application),)
    return replace(rotation, terms=replace(rotation.terms, options=options, max_age=max_age))


async def test_a_client_secret_is_made_and_named_for_its_rotation(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    issued = await issuer.issue(_rotation())

    (made,) = await passwords.list(APPLICATION)
    assert made.name == "latchkey rot-one"
    assert made.key_id == issued.credential
    assert passwords.is_good(APPLICATION, issued.value)


async def test_another_try_removes_nothing_since_the_one_before_may_still_reach_the_vault(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    first = await issuer.issue(_rotation())
    second = await issuer.issue(_rotation())

    assert {first.credential, second.credential} == passwords.key_ids(APPLICATION)
    assert passwords.is_good(APPLICATION, first.value)


async def test_what_a_lost_answer_left_behind_is_removed_at_the_end(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    passwords.faults.order("add", Unavailable("fake", "504"), when=When.AFTER)

    with pytest.raises(Unavailable):
        await issuer.issue(_rotation())
    issued = await issuer.issue(_rotation())
    await issuer.retire(_rotation(credential=issued.credential))

    assert {issued.credential} == passwords.key_ids(APPLICATION)


async def test_what_others_made_stays(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    by_hand, _ = passwords.plant(APPLICATION, "by hand")
    earlier, _ = passwords.plant(APPLICATION, "latchkey rot-zero")
    issued = await issuer.issue(_rotation())

    await issuer.withdraw(_rotation(credential=issued.credential), None)

    assert {by_hand.key_id, earlier.key_id} == passwords.key_ids(APPLICATION)


async def test_what_is_withdrawn_is_gone_even_where_it_was_not_on_record(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    await issuer.issue(_rotation())

    await issuer.withdraw(_rotation(), None)
    await issuer.withdraw(_rotation(), None)

    assert passwords.key_ids(APPLICATION) == set()


async def test_what_is_withdrawn_is_gone_even_where_it_is_not_listed_yet(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    issued = await issuer.issue(_rotation())
    passwords.hide(issued.credential)

    await issuer.withdraw(_rotation(credential=issued.credential), None)

    assert passwords.key_ids(APPLICATION) == set()


async def test_retiring_removes_the_old_one_and_leaves_the_new_one(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    old, _ = passwords.plant(APPLICATION, "latchkey rot-zero")
    issued = await issuer.issue(_rotation(old_credential=old.key_id))

    retiring = _rotation(credential=issued.credential, old_credential=old.key_id)
    await issuer.retire(retiring)
    await issuer.retire(retiring)

    assert {issued.credential} == passwords.key_ids(APPLICATION)


async def test_retiring_sweeps_up_what_a_listing_hid_at_first(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    leftover = await issuer.issue(_rotation())
    passwords.hide(leftover.credential)
    issued = await issuer.issue(_rotation())
    passwords.catch_up()

    await issuer.retire(_rotation(credential=issued.credential))

    assert {issued.credential} == passwords.key_ids(APPLICATION)


async def test_an_old_one_that_nothing_names_stays(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    by_hand, _ = passwords.plant(APPLICATION, "by hand")
    issued = await issuer.issue(_rotation())

    await issuer.retire(_rotation(credential=issued.credential))

    assert {by_hand.key_id, issued.credential} == passwords.key_ids(APPLICATION)


@pytest.mark.parametrize(
    ("max_age", "expected"), [(None, None), (timedelta(days=90), NINE + 91 * DAY)]
)
async def test_it_is_valid_for_longer_than_its_version_in_the_vault(
    passwords: FakeAppPasswords,
    issuer: AppRegistrationIssuer,
    max_age: timedelta | None,
    expected: object,
) -> None:
    issued = await issuer.issue(_rotation(max_age=max_age))

    assert expected == passwords.expiries[issued.credential]


async def test_getting_ready_makes_nothing_and_names_nothing(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    assert await issuer.prepare(_rotation(), OLD, SecretValue("old")) == ""
    assert passwords.key_ids(APPLICATION) == set()


async def test_what_stands_in_the_way_is_found_before_anything_is_made(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    unknown = _rotation("60000000-0000-4000-8000-00000000ffff")
    with pytest.raises(Rejected):
        await issuer.prepare(unknown, OLD, SecretValue("old"))

    passwords.faults.order("list", NotPermitted("fake", "403"))
    with pytest.raises(NotPermitted):
        await issuer.prepare(_rotation(), OLD, SecretValue("old"))


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ((), "application: is required"),
        (
            (("application", "our partner"),),
            "application: the object id of an app registration is expected",
        ),
        (
            (("application", APPLICATION), ("name", "x")),
            "name: no such option; there are adopt, application",
        ),
    ],
)
async def test_options_that_do_not_hold_together_are_named(
    issuer: AppRegistrationIssuer, options: tuple[tuple[str, str], ...], fault: str
) -> None:
    rotation = a_rotation()
    rotation = replace(rotation, terms=replace(rotation.terms, options=options))

    assert [fault] == check_options(options)
    with pytest.raises(Rejected, match=fault):
        await issuer.issue(rotation)
