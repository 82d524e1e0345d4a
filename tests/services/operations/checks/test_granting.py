"""Checks that the bot can assign the roles that the rules grant."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from domain.access.role_conditions import RoleAction
from domain.diagnosis import CheckStatus
from domain.policies.rule import Rule
from domain.secrets import Vault
from services.faults import NotPermitted
from services.operations.checks.granting import granting_checks
from services.operations.doctor import Doctor
from services.policies import Policies
from services.ports import Delegation
from tests.services.operations.checks.fakes import (
    SECRETS_USER,
    FakeRights,
    InEnglish,
    look,
    naming,
)
from tests.support.builders import policies

OFFICER = "11111111-2222-4333-8444-555555555555"
BOTH = frozenset(RoleAction)


async def _look(delegated: Sequence[Delegation] | None = None) -> InEnglish:
    rights = FakeRights()
    if delegated is not None:
        rights.delegated = list(delegated)
    return await look(granting_checks(policies(), rights), "Granting at kv-demo")


async def test_a_condition_that_names_the_granted_role_is_good() -> None:
    found = await _look()

    assert found.health is CheckStatus.GOOD
    assert found.seen == "the bot can assign and remove Key Vault Secrets User"


async def test_each_missing_permission_is_named() -> None:
    rights = FakeRights()
    rights.permissions = []
    found = await look(granting_checks(policies(), rights), "Granting at kv-demo")

    assert found.health is CheckStatus.BROKEN
    for right in ("read", "write", "delete"):
        assert f"Microsoft.Authorization/roleAssignments/{right}" in found.seen


async def test_a_role_that_does_not_exist_is_named() -> None:
    rights = FakeRights()
    rights.role = None
    rules = policies(role=OFFICER)
    found = await look(granting_checks(rules, rights), "Granting at kv-demo")

    assert found.health is CheckStatus.BROKEN
    assert OFFICER in found.seen
    assert found.seen.startswith("there is no role ")


@pytest.mark.parametrize(
    "delegated",
    [
        [Delegation(BOTH, naming(OFFICER))],
        [Delegation(frozenset({RoleAction.REMOVE}), naming(SECRETS_USER))],
        [],
    ],
)
async def test_a_role_that_the_condition_does_not_name_is_broken(
    delegated: list[Delegation],
) -> None:
    found = await _look(delegated)

    assert found.health is CheckStatus.BROKEN
    assert found.seen == "its condition doesn't let the bot assign Key Vault Secrets User"
    assert "python scripts/dev.py rights" in found.remedy


async def test_access_that_could_be_given_but_not_taken_is_broken() -> None:
    found = await _look([Delegation(frozenset({RoleAction.ASSIGN}), naming(SECRETS_USER))])

    assert found.health is CheckStatus.BROKEN
    assert found.seen == "its condition doesn't let the bot remove Key Vault Secrets User again"


async def test_one_of_several_rights_is_enough() -> None:
    held = [Delegation(BOTH, naming(OFFICER)), Delegation(BOTH, naming(SECRETS_USER))]

    assert (await _look(held)).seen.startswith("the bot can also assign")


async def test_a_condition_that_is_not_understood_is_doubtful() -> None:
    found = await _look([Delegation(BOTH, "what is this?")])

    assert found.health is CheckStatus.DOUBTFUL
    assert found.seen == "I can't tell whether its condition allows Key Vault Secrets User"


async def test_being_able_to_assign_every_role_is_doubtful() -> None:
    found = await _look([Delegation(BOTH)])

    assert found.health is CheckStatus.DOUBTFUL
    assert found.seen == "the bot can assign every role, since its right has no condition"


async def test_a_role_that_no_rule_grants_is_doubtful() -> None:
    found = await _look([Delegation(BOTH, naming(SECRETS_USER, OFFICER))])

    assert found.health is CheckStatus.DOUBTFUL
    assert found.seen == "the bot can also assign Key Vault Secrets User, which no rule grants"
    assert found.remedy.startswith("Once nobody has access")


async def test_another_vault_without_rights_is_named() -> None:
    elsewhere = Vault("kv-other", "https://kv-other.vault.azure.net", "/subscriptions/s/kv-other")
    own = policies()
    access = replace(own.defaults, secret="other", vault=elsewhere)
    rules = Policies(own.defaults, (*own.rules, Rule("other", access)))
    rights = FakeRights()
    _, second = granting_checks(rules, rights)
    rights.faults.order("held", NotPermitted("Azure", "403 AuthorizationFailed"))
    [found] = await Doctor(lambda: [second]).examine()

    assert str(found.subject) == "Granting at kv-other"
    assert found.health is CheckStatus.BROKEN
    assert "403 AuthorizationFailed" in str(found.seen)
    assert str(found.remedy).startswith(
        "Give the bot Role Based Access Control Administrator on kv-other"
    )
