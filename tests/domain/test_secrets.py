"""Names of secrets, and where they lie."""

import pytest

from domain.secrets import is_secret_name
from tests.support.builders import VAULT


@pytest.mark.parametrize("name", ["a", "demo-api-key", "0", "-", "X" * 127])
def test_letters_digits_and_hyphens_make_a_name(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["", "a b", "a/b", "a?b", "a#b", "a_b", "a.b", "é", "٣", "a\n", "X" * 128]
)
def test_nothing_else_does(name: str) -> None:
    assert not is_secret_name(name)


def test_a_secrets_scope_lies_below_its_vault() -> None:
    assert f"{VAULT.resource_id}/secrets/demo-api-key" == VAULT.secret_scope("demo-api-key")
