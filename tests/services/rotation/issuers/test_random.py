"""Random values."""

import re
import string
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composition.kinds import KINDS
from domain.rotation.rotation import Rotation
from domain.secrets import SecretValue
from services.faults import Rejected
from services.rotation.issuers.random import CLASSES, RandomIssuer, check_options
from services.rotation.secret_versions import Version
from tests.support.rotation.builders import a_rotation

OLD = Version(id="old", enabled=True, created_at=None)


def _rotation(**options: str) -> Rotation:
    rotation = a_rotation()
    named = tuple((name.replace("_", "-"), text) for name, text in options.items())
    return replace(rotation, terms=replace(rotation.terms, options=named))


async def _made(**options: str) -> str:
    return (await RandomIssuer().issue(_rotation(**options))).value.reveal()


class Dealt:
    """Hands out characters in the order that a test sets, whatever the choices are."""

    def __init__(self, characters: str) -> None:
        self._left = list(characters)

    def __call__(self, choices: Sequence[str]) -> str:
        dealt = self._left.pop(0)
        assert dealt in choices
        return dealt


async def test_a_value_is_64_hexadecimal_characters() -> None:
    assert re.fullmatch("[0-9a-f]{64}", await _made())


async def test_no_two_values_are_alike() -> None:
    assert await _made() != await _made()


async def test_each_character_comes_from_the_random_choice() -> None:
    dealt = "0123456789abcdef" * 4

    issued = await RandomIssuer(Dealt(dealt)).issue(_rotation())

    assert SecretValue(dealt) == issued.value
    assert issued.credential == ""


@pytest.mark.parametrize(
    ("alphabet", "expected"),
    [
        ("hex", "[0-9a-f]{40}"),
        ("alphanumeric", "[0-9a-zA-Z]{40}"),
        ("url-safe", "[0-9a-zA-Z_-]{40}"),
        ("AEIOU", "[AEIOU]{40}"),
        ("!]^-", "[]!^-]{40}"),
    ],
)
async def test_length_and_alphabet_come_from_the_policy(alphabet: str, expected: str) -> None:
    assert re.fullmatch(expected, await _made(length="40", alphabet=alphabet))


async def test_a_prefix_is_added_to_the_length() -> None:
    value = await _made(prefix="sk_live_", length="20", alphabet="alphanumeric")

    assert value.startswith("sk_live_")
    assert len(value) == 28


async def test_a_value_without_a_required_class_is_generated_again_as_a_whole() -> None:
    dealt = "abcdefghijkl" + "abcdefghijkL" + "abcdefghij1L"

    issued = await RandomIssuer(Dealt(dealt)).issue(
        _rotation(length="12", alphabet="alphanumeric", require="upper digit")
    )

    assert issued.value == SecretValue("abcdefghij1L")


async def test_the_prefix_does_not_count_for_a_required_class() -> None:
    issued = await RandomIssuer(Dealt("abcdefghijkl" + "abcdefghijkL")).issue(
        _rotation(length="12", alphabet="alphanumeric", require="upper", prefix="SK")
    )

    assert issued.value == SecretValue("SKabcdefghijkL")


@given(
    length=st.integers(16, 80),
    alphabet=st.sampled_from([string.ascii_letters + string.digits + "!$%", "url-safe"]),
    required=st.sets(st.sampled_from(sorted(CLASSES))),
    separator=st.sampled_from([" ", ",", ", "]),
)
async def test_every_value_has_all_required_classes(
    length: int, alphabet: str, required: set[str], separator: str
) -> None:
    value = await _made(
        length=str(length), alphabet=alphabet, require=separator.join(sorted(required))
    )

    assert len(value) == length
    assert all(set(value) & set(CLASSES[name]) for name in required)


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"size": "64"}, "size: no such option; there are alphabet, length, prefix, require"),
        ({"length": "many"}, "length: a whole number from 1 to 4096 is expected"),
        ({"length": "0"}, "length: a whole number from 1 to 4096 is expected"),
        ({"length": "-64"}, "length: a whole number from 1 to 4096 is expected"),
        ({"length": "²"}, "length: a whole number from 1 to 4096 is expected"),
        ({"length": "5000"}, "length: a whole number from 1 to 4096 is expected"),
        ({"length": "15"}, "length: 15 characters of this alphabet can be guessed"),
        (
            {"length": "10", "alphabet": "alphanumeric"},
            "length: 10 characters of this alphabet can be guessed",
        ),
        ({"alphabet": "a b"}, "alphabet: only printable ASCII characters, and no spaces"),
        ({"alphabet": "äöü"}, "alphabet: only printable ASCII characters, and no spaces"),
        (
            {"alphabet": "abca"},
            "alphabet: a character that is there twice would be twice as likely",
        ),
        (
            {"alphabet": "a"},
            "alphabet: one of hex, alphanumeric, url-safe, or at least two characters",
        ),
        ({"require": "vowels"}, "require: vowels is none of lower, upper, digit, symbol"),
        ({"require": "lower upper"}, "require: the alphabet has no upper"),
        ({"prefix": "two words"}, "prefix: only printable ASCII, and no spaces"),
    ],
)
async def test_invalid_options_are_named(options: dict[str, str], fault: str) -> None:
    assert fault in check_options(tuple(options.items()))
    with pytest.raises(Rejected, match=re.escape(fault)):
        await RandomIssuer().prepare(_rotation(**options), OLD, SecretValue("old"))


def test_all_errors_are_reported_at_once() -> None:
    faults = check_options((("length", "x"), ("prefix", " "), ("colour", "red")))

    assert {fault.partition(":")[0] for fault in faults} == {"length", "prefix", "colour"}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"length": "16"},
        {"length": "11", "alphabet": "alphanumeric"},
        {"length": "64", "alphabet": "01"},
        {"require": "lower, digit"},
        {"prefix": "sk_live_"},
    ],
)
async def test_valid_options_have_no_errors(options: dict[str, str]) -> None:
    assert check_options(tuple(options.items())) == []
    assert await RandomIssuer().prepare(_rotation(**options), OLD, SecretValue("old")) == ""


async def test_there_is_nothing_to_withdraw_or_to_retire() -> None:
    issuer = RandomIssuer()

    await issuer.withdraw(_rotation(), None)
    await issuer.retire(_rotation())


def test_policies_know_the_issuers_by_name() -> None:
    assert set(KINDS.issuers) == {"random", "storage-account", "app-registration"}
    assert KINDS.issuers["random"].check_options((("length", "64"),)) == []
