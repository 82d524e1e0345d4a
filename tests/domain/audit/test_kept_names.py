"""Names beside an event's text, and the commitments in it."""

import hashlib
import hmac

import pytest

from domain.audit.kept_names import (
    KeptName,
    are_genuine,
    commitment,
    is_commitment,
    number_erased,
    read,
    readable,
    shown_ids,
    written,
)

SALT = bytes(range(16))
ADA = KeptName("Ada", SALT.hex(), ("id-ada",))
TOKEN = commitment("Ada", SALT)
TEXT = f'{{"actor": "{TOKEN}"}}'


def test_a_commitment_is_a_keyed_hash_of_the_name() -> None:
    expected = hmac.new(SALT, b"Ada", hashlib.sha256).hexdigest()

    assert commitment("Ada", SALT) == f"name:{expected}"
    assert commitment("Ada", b"another salt") != TOKEN
    assert commitment("Bo", SALT) != TOKEN


def test_any_text_can_be_a_name() -> None:
    assert is_commitment(commitment("Zoë \ud800 \U0001f389", SALT))


@pytest.mark.parametrize(
    "text", ["", "Ada", "name:", f"{TOKEN}0", f" {TOKEN}", TOKEN.upper(), TOKEN[:-1]]
)
def test_what_is_not_a_whole_commitment_is_none(text: str) -> None:
    assert is_commitment(TOKEN)
    assert not is_commitment(text)


def test_names_are_read_as_they_were_written_and_in_their_order() -> None:
    names = {TOKEN: ADA, commitment("Bo", SALT): KeptName("Bo", SALT.hex()), "x": ADA.erased}

    found = read(written(names))

    assert found == names
    assert list(found) == list(names)


def test_an_erased_name_is_written_without_its_salt() -> None:
    assert written({TOKEN: ADA.erased}) == f'{{"{TOKEN}": {{"ids": ["id-ada"]}}}}'
    assert ADA.erased.is_erased
    assert not ADA.is_erased
    assert not KeptName("", SALT.hex()).is_erased


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "[]",
        "7",
        '{"x": 7}',
        '{"x": {}}',
        '{"x": {"ids": {}}}',
        '{"x": {"ids": [], "name": 7, "salt": ""}}',
        '{"x": {"ids": [], "name": "Ada", "salt": 7}}',
        '{"x": {"ids": [], "name": "Ada", "salt": "zz"}}',
        "[" * 100_000,
    ],
)
def test_anything_else_is_not_read(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of json or our own
        read(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [("[]", "AttributeError"), ('{"x": {}}', "KeyError"), ('{"x": 7}', "TypeError")],
)
def test_names_of_another_form_are_refused_without_saying_what_they_are(
    text: str, why: str
) -> None:
    with pytest.raises(ValueError, match=rf"^names that can't be read: {why}$"):
        read(text)
    assert readable(text) == {}


def test_what_can_be_read_is() -> None:
    assert readable(written({TOKEN: ADA})) == {TOKEN: ADA}


@pytest.mark.parametrize(
    ("names", "genuine"),
    [
        ({}, True),
        ({TOKEN: ADA}, True),
        ({TOKEN: ADA.erased}, True),
        ({TOKEN: KeptName("Bo", SALT.hex())}, False),
        ({TOKEN: KeptName("Ada", "00")}, False),
        ({TOKEN: ADA, "x": ADA.erased}, False),
        ({commitment("Bo", SALT): KeptName("Bo", SALT.hex())}, False),
    ],
)
def test_each_name_must_be_the_one_that_the_text_commits_to(
    names: dict[str, KeptName], *, genuine: bool
) -> None:
    assert are_genuine(TEXT, names) is genuine


def test_erased_names_are_counted() -> None:
    assert number_erased({}) == 0
    assert number_erased({"a": ADA, "b": ADA.erased, "c": ADA.erased}) == 2


def test_readers_see_who_it_was_by_object_id() -> None:
    assert shown_ids(["a", "b"]) == "a, b"
    assert shown_ids([]) == "erased"
