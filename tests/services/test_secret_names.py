"""An address stands for a secret's name if it is in the right vault."""

from dataclasses import replace

import pytest

from cards.reasons.sentences import sentence_of
from domain.policies.rule import Rule
from domain.refusals.secrets import SecretOfAnotherVault
from domain.rotation.policy import RotationPolicy
from domain.secrets import Vault
from services.policies import Policies
from services.secret_names import SecretNames
from tests.support.builders import a_policy

SUFFIX = "vault.azure.net"
OTHER = Vault("pay-vault", f"https://pay-vault.{SUFFIX}", "/…/vaults/pay-vault")
OURS = Vault("demo-vault", "https://kv.contoso.example:8443", "/…/vaults/demo-vault")


@pytest.fixture
def names() -> SecretNames:
    defaults = replace(a_policy(), vault=OURS)
    return SecretNames(
        Policies(
            defaults,
            (
                Rule("demo-api-key", access=defaults),
                Rule("card-key", access=replace(defaults, vault=OTHER)),
                Rule("app-key", rotation=RotationPolicy(secret="app-key", vault=OTHER)),
            ),
        ),
        SUFFIX,
    )


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("demo-api-key", "demo-api-key"),
        ("no/name", "no/name"),
        (f"https://demo-vault.{SUFFIX}/secrets/demo-api-key", "demo-api-key"),
        (f"https://DEMO-VAULT.{SUFFIX}:443/secrets/Demo-API-Key/0123", "Demo-API-Key"),
        ("https://kv.contoso.example:8443/secrets/demo-api-key", "demo-api-key"),
        (f"https://demo-vault.{SUFFIX}/secrets/unlisted", "unlisted"),
        (f"https://pay-vault.{SUFFIX}/secrets/card-key", "card-key"),
        (f"https://pay-vault.{SUFFIX}/secrets/app-key", "app-key"),
        ("/…/vaults/demo-vault/secrets/demo-api-key", "demo-api-key"),
    ],
)
def test_a_name_or_address_gives_the_name(names: SecretNames, typed: str, name: str) -> None:
    assert names.name_of(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        f"https://pay-vault.{SUFFIX}/secrets/demo-api-key",
        f"https://demo-vault.{SUFFIX}/secrets/card-key",
        f"https://demo-vault.{SUFFIX}/secrets/app-key",
        f"https://demo-vault.{SUFFIX}.evil.example/secrets/demo-api-key",
        f"https://demo-vault.{SUFFIX}@evil.example/secrets/demo-api-key",
        "https://demo-vault/secrets/demo-api-key",
        "https://demo-vault.vault.azure.cn/secrets/demo-api-key",
        "https://kv.contoso.example/secrets/demo-api-key",
        "/…/vaults/pay-vault/secrets/demo-api-key",
    ],
)
def test_another_vaults_secret_is_not_taken_for_ours(names: SecretNames, typed: str) -> None:
    with pytest.raises(SecretOfAnotherVault):
        names.name_of(typed)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Demo-API-Key", True),
        (f"https://demo-vault.{SUFFIX}/secrets/demo-api-key/0123", True),
        ("app-key", False),
        ("sandwich", False),
        (f"https://demo-vault.{SUFFIX}/secrets/unlisted", False),
        (f"https://pay-vault.{SUFFIX}/secrets/demo-api-key", False),
    ],
)
def test_only_requestable_secrets_are_recognised(
    names: SecretNames, typed: str, *, expected: bool
) -> None:
    assert names.is_requestable(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"), [("Demo-API-Key", True), ("app-key", True), ("7d", False)]
)
def test_a_secret_with_a_rule_of_its_own_is_known(
    names: SecretNames, typed: str, *, expected: bool
) -> None:
    assert names.has_own_rule(typed) == expected


def test_the_refusal_names_both_vaults(names: SecretNames) -> None:
    with pytest.raises(SecretOfAnotherVault) as refused:
        names.name_of(f"https://pay-vault.{SUFFIX}/secrets/demo-api-key")

    assert sentence_of(refused.value) == (
        "That address is in the vault pay-vault. Here demo-api-key means the secret of that name "
        "in demo-vault, so nothing was done. If that's the one you mean, type its name alone."
    )
