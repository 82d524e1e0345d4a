"""Client secrets of app registrations: one for each rotation, identified by its name."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.rotation.rotation import RemainingCredential, Rotation
from domain.secrets import SecretValue
from services.faults import NotPermitted, Rejected, Unavailable
from services.rotation.issuers.app_registration import AppRegistrationIssuer, check_options
from services.rotation.secret_versions import Version
from services.rotation.step import NotYet
from tests.support.clock import NINE
from tests.support.refusing import words_of
from tests.support.rotation.builders import DAY, a_rotation
from tests.support.rotation.issuer_fakes import FakeAppPasswords, FakeSignIns
from tests.support.tables.crashing_table import When

ADOPTED = "b0000000-0000-4000-8000-000000000001"
APPLICATION = "60000000-0000-4000-8000-000000000001"
OLD = Version(id="old", enabled=True, created_at=None)


@pytest.fixture
def passwords() -> FakeAppPasswords:
    passwords = FakeAppPasswords()
    passwords.register(APPLICATION)
    return passwords


@pytest.fixture
def sign_ins(passwords: FakeAppPasswords) -> FakeSignIns:
    return FakeSignIns(passwords)


@pytest.fixture
def issuer(passwords: FakeAppPasswords, sign_ins: FakeSignIns) -> AppRegistrationIssuer:
    return AppRegistrationIssuer(passwords, sign_ins)


def _rotation(
    application: str = APPLICATION,
    max_age: timedelta | None = None,
    **found: str,
) -> Rotation:
    rotation = a_rotation(**found)
    options = (("application", application),)
    return replace(rotation, terms=replace(rotation.terms, options=options, max_age=max_age))


async def test_a_client_secret_is_created_and_named_after_its_rotation(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    issued = await issuer.issue(_rotation())

    (made,) = await passwords.list(APPLICATION)
    assert made.name == "latchkey rot-one"
    assert made.key_id == issued.credential
    assert passwords.is_good(APPLICATION, issued.value)


async def test_another_try_removes_nothing_since_the_previous_one_may_still_reach_the_vault(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    first = await issuer.issue(_rotation())
    second = await issuer.issue(_rotation())

    assert passwords.key_ids(APPLICATION) == {first.credential, second.credential}
    assert passwords.is_good(APPLICATION, first.value)


async def test_a_client_secret_with_a_lost_answer_is_removed_at_the_end(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    passwords.faults.order("add", Unavailable("fake", "504"), when=When.AFTER)

    with pytest.raises(Unavailable):
        await issuer.issue(_rotation())
    issued = await issuer.issue(_rotation())
    await issuer.retire(_rotation(credential=issued.credential))

    assert passwords.key_ids(APPLICATION) == {issued.credential}


async def test_client_secrets_of_others_stay(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    by_hand, _ = passwords.plant(APPLICATION, "by hand")
    earlier, _ = passwords.plant(APPLICATION, "latchkey rot-zero")
    issued = await issuer.issue(_rotation())

    await issuer.withdraw(_rotation(credential=issued.credential), None)

    assert passwords.key_ids(APPLICATION) == {by_hand.key_id, earlier.key_id}


async def test_withdrawing_removes_a_client_secret_that_was_not_recorded(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    await issuer.issue(_rotation())

    await issuer.withdraw(_rotation(), None)
    await issuer.withdraw(_rotation(), None)

    assert passwords.key_ids(APPLICATION) == set()


async def test_withdrawing_removes_a_client_secret_that_is_not_listed_yet(
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

    assert passwords.key_ids(APPLICATION) == {issued.credential}


async def test_retiring_removes_client_secrets_that_an_earlier_listing_missed(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    leftover = await issuer.issue(_rotation())
    passwords.hide(leftover.credential)
    issued = await issuer.issue(_rotation())
    passwords.catch_up()

    await issuer.retire(_rotation(credential=issued.credential))

    assert passwords.key_ids(APPLICATION) == {issued.credential}


async def test_an_old_client_secret_that_is_not_named_stays(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    by_hand, _ = passwords.plant(APPLICATION, "by hand")
    issued = await issuer.issue(_rotation())

    await issuer.retire(_rotation(credential=issued.credential))

    assert passwords.key_ids(APPLICATION) == {by_hand.key_id, issued.credential}


@pytest.mark.parametrize(
    ("max_age", "expected"), [(None, None), (timedelta(days=90), NINE + 91 * DAY)]
)
async def test_a_client_secret_is_valid_longer_than_its_version_in_the_vault(
    passwords: FakeAppPasswords,
    issuer: AppRegistrationIssuer,
    max_age: timedelta | None,
    expected: object,
) -> None:
    issued = await issuer.issue(_rotation(max_age=max_age))

    assert passwords.expiries[issued.credential] == expected


async def test_preparing_creates_and_names_nothing(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    assert await issuer.prepare(_rotation(), OLD, SecretValue("old")) == ""
    assert passwords.key_ids(APPLICATION) == set()


async def test_obstacles_are_found_before_anything_is_created(
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
async def test_invalid_options_are_named(
    issuer: AppRegistrationIssuer, options: tuple[tuple[str, str], ...], fault: str
) -> None:
    rotation = a_rotation()
    rotation = replace(rotation, terms=replace(rotation.terms, options=options))

    assert check_options(options) == [fault]
    with pytest.raises(Rejected, match=fault):
        await issuer.issue(rotation)


async def test_a_client_secret_is_tried_until_entra_accepts_it(
    passwords: FakeAppPasswords, sign_ins: FakeSignIns, issuer: AppRegistrationIssuer
) -> None:
    issued = await issuer.issue(_rotation())
    sign_ins.refuse_next(1)

    with pytest.raises(NotYet, match="AADSTS7000215"):
        await issuer.test_value(_rotation(), issued.value)
    said = await issuer.test_value(_rotation(), issued.value)

    assert words_of(said) == "a sign-in with it succeeded"


async def test_a_sign_in_blocked_by_something_else_is_noted_and_proves_nothing(
    sign_ins: FakeSignIns, issuer: AppRegistrationIssuer
) -> None:
    issued = await issuer.issue(_rotation())
    sign_ins.stands_in_the_way = "AADSTS53003"

    said = await issuer.test_value(_rotation(), issued.value)

    assert words_of(said) == "a sign-in with it couldn't be tried: AADSTS53003"


async def test_a_client_secret_is_alive_while_it_is_listed_or_signs_in(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    issued = await issuer.issue(_rotation())
    listed = await issuer.is_alive(_rotation(), issued.credential, issued.value)
    passwords.hide(issued.credential)
    hidden = await issuer.is_alive(_rotation(), issued.credential, issued.value)
    await passwords.remove(APPLICATION, issued.credential)

    removed = await issuer.is_alive(_rotation(), issued.credential, issued.value)

    assert (listed, hidden, removed) == (True, True, False)


def _adopting(rotation: Rotation, key_id: str) -> Rotation:
    options = (*rotation.terms.options, ("adopt", key_id))
    return replace(rotation, terms=replace(rotation.terms, options=options))


async def test_the_first_rotation_retires_the_client_secret_that_the_policy_adopts(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    passwords.plant(APPLICATION, "somebody else's")
    passwords.plant_as(ADOPTED, APPLICATION, "by hand")
    issued = await issuer.issue(_rotation())

    await issuer.retire(_adopting(_rotation(credential=issued.credential), ADOPTED.upper()))

    assert passwords.key_ids(APPLICATION) == {"key-id-1", issued.credential}


async def test_a_later_rotation_retires_the_client_secret_that_the_version_names(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    passwords.plant_as(ADOPTED, APPLICATION, "by hand, again")
    old, _ = passwords.plant(APPLICATION, "latchkey rot-zero")
    issued = await issuer.issue(_rotation())
    found = _rotation(credential=issued.credential, old_credential=old.key_id)

    await issuer.retire(_adopting(found, ADOPTED))

    assert passwords.key_ids(APPLICATION) == {ADOPTED, issued.credential}


async def test_remaining_client_secrets_are_listed_with_hint_and_end(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    passwords.plant(APPLICATION, "by hand", NINE + DAY)
    issued = await issuer.issue(_rotation())

    remaining = await issuer.remaining(_rotation(credential=issued.credential))

    assert remaining == (
        RemainingCredential(id="key-id-1", name="by hand", hint="h1", ends_at=NINE + DAY),
    )


async def test_a_plan_says_which_client_secret_goes_and_which_stay(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    passwords.plant(APPLICATION, "for the pipeline", NINE + DAY)
    passwords.plant_as(ADOPTED, APPLICATION, "by hand")
    value = SecretValue("old")

    unnamed = await issuer.preview(_rotation(), OLD, value)
    adopted = await issuer.preview(_adopting(_rotation(), ADOPTED), OLD, value)

    assert "none is removed" in words_of(unnamed.notes[0])
    removed, kept = map(words_of, adopted.notes)
    assert removed == "After the overlap this client secret is removed: by hand (h2…)."
    assert kept.endswith("stay valid: for the pipeline (h1…), valid until 3 Mar 2026.")


def test_the_adopt_option_has_to_be_a_key_id() -> None:
    faults = check_options((("application", APPLICATION), ("adopt", "the old one")))

    assert faults == ["adopt: the key id of a client secret is expected"]


async def test_an_application_that_the_bot_does_not_own_is_refused_before_anything_is_written(
    passwords: FakeAppPasswords, issuer: AppRegistrationIssuer
) -> None:
    passwords.is_owned = False

    previewed = await issuer.preview(_rotation(), OLD, SecretValue("old"))

    [fault] = previewed.faults
    assert words_of(fault) == (
        f"{APPLICATION}: the bot isn't an owner of this application, so it can't make a client "
        "secret"
    )
