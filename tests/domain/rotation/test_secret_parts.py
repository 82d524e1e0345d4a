"""Finding and replacing parts of secrets, with everything else the same byte for byte."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rotation.secret_parts import (
    Part,
    PartKind,
    Structure,
    part_of,
    pointer_steps,
    structure_of,
    with_part,
)
from domain.secrets import SecretValue

NEW = SecretValue("n3w")


def _field(pointer: str) -> Part:
    return Part(PartKind.FIELD, pointer)


def _key(name: str) -> Part:
    return Part(PartKind.KEY, name)


def _replaced(text: str, part: Part, new: SecretValue = NEW) -> str | None:
    replaced = with_part(SecretValue(text), part, new)
    return replaced.reveal() if replaced else None


def _found(text: str, part: Part) -> str | None:
    found = part_of(SecretValue(text), part)
    return found.reveal() if found else None


@pytest.mark.parametrize(
    ("content_type", "text", "expected"),
    [
        ("application/json", "anything", Structure.JSON),
        ("application/json; charset=utf-8", "anything", Structure.JSON),
        ("application/vnd.acme+json", "anything", Structure.JSON),
        ("json", "anything", Structure.JSON),
        ("text/json", "anything", Structure.JSON),
        ("application/x-pkcs12", "MIIK", Structure.PFX),
        ("application/x-pem-file", "anything", Structure.PEM),
        ("text/connection-string", "anything", Structure.CONNECTION_STRING),
        ("Connection String", "anything", Structure.CONNECTION_STRING),
        (None, '{"password": "old"}', Structure.JSON),
        ("text/plain", '  ["old"]', Structure.JSON),
        ("", "-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----", Structure.PEM),
        (None, "Server=db;Password=old", Structure.CONNECTION_STRING),
        (None, "Server=tcp:db,1433;User ID=sa;Password='a;b';", Structure.CONNECTION_STRING),
        (None, "e3b0c44298fc1c149afbf4c8996fb924", None),
        ("text/plain", "{not json", None),
        (None, "[1,", None),
        (None, "User ID=sa;Initial Catalog=db", Structure.CONNECTION_STRING),
        (None, "Password=old", None),
        (None, "Xy=1", None),
        (None, "Xy=1;Zq=2", None),
        (None, "a;b;c=d", None),
        (None, "S3cr;t=of=a;person", None),
        ("password", "", None),
        (None, "[" * 100_000, None),
    ],
)
def test_a_structure_is_recognised_by_content_type_or_text(
    content_type: str | None, text: str, expected: Structure | None
) -> None:
    assert structure_of(content_type, SecretValue(text)) == expected


@pytest.mark.parametrize(
    ("text", "pointer", "expected"),
    [
        ('{"user": "u", "password": "old"}', "/password", '{"user": "u", "password": "n3w"}'),
        ('{"a":{"b":[1.0,{"c":"old"}]}}', "/a/b/1/c", '{"a":{"b":[1.0,{"c":"n3w"}]}}'),
        ('{"a/b":{"m~n":"old"}}', "/a~1b/m~0n", '{"a/b":{"m~n":"n3w"}}'),
        ('{ "x" : 1e5 ,\n\t"y" : "\\u00e9" , "p":"" }\n', "/p",
         '{ "x" : 1e5 ,\n\t"y" : "\\u00e9" , "p":"n3w" }\n'),
        ('["old"]', "/0", '["n3w"]'),
        ('{"": "old"}', "/", '{"": "n3w"}'),
        ('{"pass\\u0077ord": "old"}', "/password", '{"pass\\u0077ord": "n3w"}'),
    ],
)  # fmt: skip
def test_a_field_is_replaced_and_everything_else_stays_the_same(
    text: str, pointer: str, expected: str
) -> None:
    assert _replaced(text, _field(pointer)) == expected
    assert _found(expected, _field(pointer)) == "n3w"


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ('{"user": "u"}', "/password"),
        ('{"password": 5}', "/password"),
        ('{"password": {"a": "b"}}', "/password"),
        ('{"password": null}', "/password"),
        ('{"p": "one", "p": "two"}', "/p"),
        ('["a"]', "/1"),
        ('["a"]', "/2"),
        ('["a"]', "/-"),
        ('["a"]', "/00"),
        ('["a"]', "/\u0661"),
        ('"text"', "/a"),
        ('"text"', ""),
        ("no json", "/a"),
        ('{"p": "old"} trailing', "/p"),
        ('{"p": "old"', "/p"),
        ("", "/p"),
    ],
)
def test_a_field_that_is_not_text_is_not_replaced(text: str, pointer: str) -> None:
    assert _replaced(text, _field(pointer)) is None
    assert _found(text, _field(pointer)) is None


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("Server=db;Password=old;Encrypt=true", "password", "Server=db;Password=n3w;Encrypt=true"),
        ("Server=db; Password = old ;", "Password", "Server=db; Password = n3w ;"),
        ("Server=db;Password='o;l''d';X=1", "Password", "Server=db;Password=n3w;X=1"),
        ('Server=db;Password="o;l""d";X=1', "Password", "Server=db;Password=n3w;X=1"),
        ("Driver={SQL Server};Pwd={o;}}d}", "PWD", "Driver={SQL Server};Pwd=n3w"),
        ("Server='s';Password='o;l''d'", "Password", "Server='s';Password=n3w"),
        ("Server=db;Password='';X=1", "Password", "Server=db;Password=n3w;X=1"),
        ("Server=db;; ;Password=old;", "Password", "Server=db;; ;Password=n3w;"),
        ("Server=db;Password= ;X=1", "Password", "Server=db;Password= n3w;X=1"),
        ("Server=db;Password='''';X=1", "Password", "Server=db;Password=n3w;X=1"),
        ("Server=db;Password='a''''b''';X=1", "Password", "Server=db;Password=n3w;X=1"),
        ("AccountName=a;AccountKey=YWJj==", "AccountKey", "AccountName=a;AccountKey=n3w"),
        ("Server=db;Password=;X=1", "Password", "Server=db;Password=n3w;X=1"),
        ("Server=db;User ID=sa;Password=", "Password", "Server=db;User ID=sa;Password=n3w"),
    ],
)
def test_a_key_is_replaced_and_everything_else_stays_the_same(
    text: str, key: str, expected: str
) -> None:
    assert _replaced(text, _key(key)) == expected
    assert _found(expected, _key(key)) == "n3w"


@pytest.mark.parametrize(
    "text",
    [
        *("Server=db", "Password=a;Password=b", "just a text", "Password=a'b;;=x", ""),
        *("PasswordX", "Password='a", "Password='a''", "Password='a'b", "Password='a';X='"),
    ],
)
def test_a_missing_or_duplicate_key_is_not_replaced(text: str) -> None:
    assert _replaced(text, _key("Password")) is None
    assert _found(text, _key("Password")) is None


@pytest.mark.parametrize("new", ["a;b", "a b", "'a", '"', "{a", "", "a\nb"])
def test_a_value_that_needs_quotes_is_not_put_into_a_connection_string(new: str) -> None:
    assert _replaced("Server=db;Password=old", _key("Password"), SecretValue(new)) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1;P='it''s;so'", "it's;so"),
        ("P={a}}b}", "a}b"),
        ('P="a""b"', 'a"b'),
        ("P=''", ""),
        ("P=", ""),
        ("P=it's", "it's"),
        ("P=a}", "a}"),
    ],
)
def test_quotes_are_not_part_of_a_found_value(text: str, expected: str) -> None:
    assert _found(text, _key("p")) == expected


def test_letters_of_any_language_are_written_as_they_are() -> None:
    new = SecretValue('käse "')

    assert _replaced('{"p": "old"}', _field("/p"), new) == '{"p": "käse \\""}'


@pytest.mark.parametrize("half", ["\\ud800", "\\udfff", "a\\udc00"])
def test_half_a_character_is_no_text(half: str) -> None:
    assert _found(f'{{"p": "{half}"}}', _field("/p")) is None
    assert _found('{"p": "\\ud7ff\\ue000"}', _field("/p")) == "\ud7ff\ue000"


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("/a", ("a",)),
        ("/a/0/b", ("a", "0", "b")),
        ("/~01", ("~1",)),
        ("/", ("",)),
        ("", None),
        ("a", None),
        ("/a~2", None),
        ("/a~", None),
    ],
)
def test_a_pointer_is_parsed_as_in_rfc_6901(pointer: str, expected: tuple[str, ...] | None) -> None:
    assert pointer_steps(pointer) == expected


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), _JSON, max_size=4), st.text(), st.text(), st.booleans())
def test_in_any_json_only_the_one_text_is_replaced(
    document: dict[str, object], name: str, new: str, is_ascii: bool
) -> None:
    document[name] = "old"
    text = json.dumps(document, ensure_ascii=is_ascii, indent=1 if is_ascii else None)
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")

    replaced = _replaced(text, _field(pointer), SecretValue(new))

    assert replaced is not None
    assert json.loads(replaced) == {**document, name: new}


@given(st.text(), st.text())
def test_no_text_raises(text: str, name: str) -> None:
    for part in (_field(f"/{name}"), _key(name)):
        part_of(SecretValue(text), part)
        with_part(SecretValue(text), part, NEW)
    structure_of(None, SecretValue(text))
