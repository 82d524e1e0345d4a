"""Checks of the vaults."""

from domain.access.rules.policy import ScopeKind
from domain.diagnosis import CheckStatus
from services.operations.checks.vaults import vault_checks
from services.ports import SecretState
from tests.services.operations.checks.fakes import look
from tests.support.azure_fakes import FakeSecrets
from tests.support.builders import OTHER_SECRET, SECRET, VAULT, policies


def _a_vault() -> FakeSecrets:
    secrets = FakeSecrets()
    for name in (SECRET, OTHER_SECRET, "not-for-anybody"):
        secrets.put(VAULT, name)
    return secrets


async def test_a_vault_that_has_all_requestable_secrets_is_good() -> None:
    found = await look(vault_checks(policies(), _a_vault()), "Secrets of kv-demo")

    assert (found.health, found.seen) == (CheckStatus.GOOD, "metadata readable, 3 in total")


async def test_secrets_that_are_unknown_or_disabled_are_named() -> None:
    secrets = _a_vault()
    secrets.put(VAULT, SECRET, SecretState.DISABLED)
    rules = policies(SECRET, "forgotten", "lost")
    found = await look(vault_checks(rules, secrets), "Secrets of kv-demo")

    assert found.health is CheckStatus.DOUBTFUL
    assert "not in the vault: forgotten, lost; disabled: demo-api-key" in found.seen


async def test_only_the_first_of_many_missing_secrets_are_named() -> None:
    rules = policies(*(f"lost-{number}" for number in range(30)))
    found = await look(vault_checks(rules, _a_vault()), "Secrets of kv-demo")

    assert found.seen.endswith("lost-9 and 20 more")


async def test_a_pattern_is_not_looked_up_as_a_secret() -> None:
    found = await look(vault_checks(policies("team-*"), _a_vault()), "Secrets of kv-demo")

    assert found.health is CheckStatus.GOOD


async def test_secrets_that_a_vault_scope_grant_opens_are_counted() -> None:
    subject = "What an approval opens in kv-demo"
    found = await look(vault_checks(policies(), _a_vault()), subject)

    assert found.health is CheckStatus.DOUBTFUL
    assert found.seen == "the whole vault: 3 in total, 1 of them not requestable"


async def test_secret_scope_has_no_such_check() -> None:
    rules = policies(scope_kind=ScopeKind.SECRET)

    subjects = [str(check.subject) for check in vault_checks(rules, _a_vault())]

    assert "What an approval opens in kv-demo" not in subjects
