"""Names and scopes of secrets, and values that stay hidden."""

import copy
import json
import pickle
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import pytest

from domain.secrets import SecretValue, is_secret_name, other_vault
from tests.support.builders import VAULT


@pytest.mark.parametrize("name", ["a", "demo-api-key", "0", "-", "X" * 127])
def test_letters_digits_and_hyphens_make_a_name(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["", "a b", "a/b", "a?b", "a#b", "a_b", "a.b", "é", "٣", "a\n", "X" * 128]
)
def test_anything_else_is_not_a_name(name: str) -> None:
    assert not is_secret_name(name)


def test_a_secrets_scope_lies_below_its_vault() -> None:
    assert VAULT.secret_scope("demo-api-key") == f"{VAULT.resource_id}/secrets/demo-api-key"


CANARY = "canary-0f1e2d3c4b5a"


@dataclass(frozen=True, slots=True)
class _Holder:
    value: SecretValue


HOLDER = _Holder(SecretValue(CANARY))


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        lambda value: f"{value}",
        lambda value: f"{value!r:>40}",
        lambda value: "%s %r" % (value, value),  # noqa: UP031 - as loggers do
        lambda value: repr({"value": [value, _Holder(value)]}),
        ascii,
    ],
)
def test_a_value_is_masked_wherever_it_is_shown(show: Callable[[SecretValue], str]) -> None:
    shown = show(HOLDER.value)

    assert "SecretValue(…)" in shown or "SecretValue(\\u2026)" in shown
    assert CANARY not in shown


@pytest.mark.parametrize(
    "write",
    [
        pickle.dumps,
        asdict,
        lambda holder: pickle.dumps(holder.value),
        lambda holder: copy.copy(holder.value),
        lambda holder: copy.deepcopy([holder.value]),
        lambda holder: json.dumps(holder.value),
        lambda holder: vars(holder.value),
        lambda holder: holder.value.__getstate__(),
        lambda holder: hash(holder.value),
    ],
)
def test_a_value_cannot_be_serialised_or_copied(write: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError) as caught:
        write(HOLDER)

    dump = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert CANARY not in "".join(dump.format())


def test_what_is_shown_in_place_of_a_value_says_nothing_of_it() -> None:
    assert repr(HOLDER.value) == "SecretValue(…)"
    with pytest.raises(TypeError, match=r"^a secret value can't be serialised$"):
        pickle.dumps(HOLDER.value)


def test_values_compare_by_content() -> None:
    assert HOLDER.value == SecretValue(CANARY)
    assert HOLDER.value != SecretValue("another")
    assert HOLDER.value != CANARY
    assert HOLDER.value.__eq__(CANARY) is NotImplemented
    assert HOLDER.value.reveal() == CANARY


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://kv-other.vault.azure.net", "kv-other"),
        ("https://KV-Other.vault.azure.net/secrets/a", "kv-other"),
        ("https://kv-other.privatelink.vaultcore.azure.net", "kv-other"),
        ("https://kv-other.vault.azure.cn", "kv-other"),
        ("https://kv-other.vault.usgovcloudapi.net", "kv-other"),
        ("https://KV-DEMO.vault.azure.net", None),
        ("https://proxy.contoso.example", None),
        ("https://kv-other.vault.azure.net.evil.example", None),
        ("kv-other.vault.azure.net", None),
        ("https://[", None),
        ("", None),
    ],
)
def test_another_vault_is_known_by_its_address(url: str, expected: str | None) -> None:
    assert other_vault("kv-Demo", url) == expected


def test_a_value_may_contain_another_but_not_an_empty_one() -> None:
    key, whole = SecretValue("k3y"), SecretValue("AccountKey=k3y;")

    assert whole.contains(key)
    assert not key.contains(whole)
    assert not whole.contains(SecretValue(""))
