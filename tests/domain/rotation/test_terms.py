"""Whether the rules still say what a rotation or a plan was drawn from."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.people import Group, Principals
from domain.rotation.policy import RotationPolicy
from domain.rotation.rotation import RotationTerms
from domain.rotation.secret_parts import Part, PartKind
from domain.rotation.terms import digest_of, still_apply, terms_under
from domain.secrets import Vault
from tests.support.builders import BO
from tests.support.rotation.builders import LITERAL, a_rotation_policy, monthly

ADMINS = Group("admins-group", "Admins")
BO_AND_ADMINS = Principals((BO.as_person(),), (ADMINS,))

SHOWN: list[dict[str, Any]] = [
    {"vault": Vault("other", "https://other.vault.azure.net", "/vaults/other")},
    {"issuer": "storage_account"},
    {"options": (("length", "64"),)},
    {"dependents": (LITERAL,)},
    {"overlap": timedelta(hours=1)},
    {"max_age": timedelta(days=30)},
    {"part": Part(PartKind.FIELD, "/password")},
]
NOT_SHOWN: list[dict[str, Any]] = [
    {"schedule": monthly()},
    {"after_grant": True},
    {"wait_after_grant": timedelta(minutes=10)},
]


@pytest.mark.parametrize("change", SHOWN, ids=str)
def test_a_change_of_what_a_rotation_does_ends_its_terms_and_its_plan(
    change: dict[str, Any],
) -> None:
    before, after = a_rotation_policy(), a_rotation_policy(**change)

    assert not still_apply(terms_under(before), after)
    assert digest_of(before) != digest_of(after)


@pytest.mark.parametrize("change", NOT_SHOWN, ids=str)
def test_a_change_of_when_a_secret_is_rotated_ends_neither(change: dict[str, Any]) -> None:
    before, after = a_rotation_policy(), a_rotation_policy(**change)

    assert still_apply(terms_under(before), after)
    assert digest_of(before) == digest_of(after)


def test_a_rotation_takes_over_the_rules_and_who_is_asked() -> None:
    part = Part(PartKind.FIELD, "/password")
    policy = a_rotation_policy(
        vault=Vault("other", "https://other.vault.azure.net", "/vaults/other"),
        issuer="storage_account",
        options=(("account", "demo"),),
        dependents=(LITERAL,),
        overlap=timedelta(hours=1),
        max_age=timedelta(days=30),
        part=part,
    )

    terms = terms_under(policy, BO_AND_ADMINS)

    assert terms == RotationTerms(
        vault_name="other",
        vault_url="https://other.vault.azure.net",
        issuer="storage_account",
        options=(("account", "demo"),),
        dependents=(LITERAL,),
        overlap=timedelta(hours=1),
        max_age=timedelta(days=30),
        part=part,
        approvers=(BO.as_person(),),
        admin_groups=(ADMINS,),
    )


def test_who_is_asked_for_approval_is_no_rule() -> None:
    terms = terms_under(a_rotation_policy(), BO_AND_ADMINS)

    assert still_apply(terms, a_rotation_policy())


def test_without_rules_no_terms_apply() -> None:
    policy: RotationPolicy | None = None

    assert not still_apply(terms_under(a_rotation_policy()), policy)


def test_whether_it_needs_another_admin_is_shown_in_a_plan() -> None:
    alone, together = a_rotation_policy(), a_rotation_policy(second_admin=True)

    assert digest_of(alone) != digest_of(together)
    assert digest_of(alone) == digest_of(replace(together, second_admin=False))
