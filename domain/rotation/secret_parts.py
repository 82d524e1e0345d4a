"""Structured secrets: JSON, connection strings, certificates and keys.

A part is found and replaced by its position in the text, so that everything else stays the same,
byte for byte. Nothing here raises: a parser's exception would contain the text it parsed.
"""

import json
import re
from dataclasses import dataclass
from enum import StrEnum

from domain.secrets import SecretValue

Span = tuple[int, int]


class Structure(StrEnum):
    """The format of a value that can't be replaced as a whole."""

    JSON = "json"
    CONNECTION_STRING = "connection_string"
    PEM = "pem"
    PFX = "pfx"


class PartKind(StrEnum):
    FIELD = "field"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a secret that is rotated.

    ``name`` is a JSON pointer (RFC 6901) for a field, or the case-insensitive name of a key in a
    connection string.
    """

    kind: PartKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


_CONTENT_TYPES = {
    "application/x-pkcs12": Structure.PFX,
    "application/x-pem-file": Structure.PEM,
    "application/x-pem-certificate": Structure.PEM,
    "application/pem-certificate-chain": Structure.PEM,
}
_PEM = "-----BEGIN "
_SPACES = re.compile(r"[ \t\n\r]*")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9 _.-]*")
_USUAL_KEYS = frozenset(
    {
        "accountendpoint",
        "accountkey",
        "accountname",
        "blobendpoint",
        "datasource",
        "database",
        "defaultendpointsprotocol",
        "driver",
        "endpoint",
        "host",
        "hostname",
        "initialcatalog",
        "instrumentationkey",
        "password",
        "provider",
        "pwd",
        "server",
        "sharedaccesskey",
        "sharedaccesskeyname",
        "sharedaccesssignature",
        "uid",
        "user",
        "userid",
        "username",
    }
)
"""A connection string has at least one of these keys (without spaces), a password usually none."""
_NOT_PLAIN = re.compile(r"[;'\"{}\s]")
"""Characters that need quotes in a connection string; not every parser supports quotes."""
_CLOSING = {'"': '"', "'": "'", "{": "}"}
_QUOTED = {
    opening: re.compile(rf"[{opening}](?:[^{closing}]++|{closing}{closing})*+{closing}")
    for opening, closing in _CLOSING.items()
}
"""A value in quotes or braces, in which the closing one is doubled."""
_UNQUOTED = re.compile(r"[^;]*")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_DECODER = json.JSONDecoder()


def structure_by_type(content_type: str | None) -> Structure | None:
    """Return the structure that a content type declares; None if it declares none."""
    plain = (content_type or "").partition(";")[0].strip().lower()
    if plain in _CONTENT_TYPES:
        return _CONTENT_TYPES[plain]
    if plain in {"json", "application/json", "text/json"} or plain.endswith("+json"):
        return Structure.JSON
    letters = re.sub(r"[^a-z]", "", plain)
    return Structure.CONNECTION_STRING if "connectionstring" in letters else None


def structure_of(content_type: str | None, value: SecretValue) -> Structure | None:
    """Return a value's structure by its content type or its text; None for a plain value."""
    if by_type := structure_by_type(content_type):
        return by_type
    text = value.reveal()
    if _PEM in text:
        return Structure.PEM
    if text.lstrip().startswith(("{", "[")) and _is_json(text):
        return Structure.JSON
    return Structure.CONNECTION_STRING if _looks_like_connection_string(text) else None


def part_of(value: SecretValue, part: Part) -> SecretValue | None:
    """Return a part of a value; None if it's missing or ambiguous."""
    text = value.reveal()
    span = _span(text, part)
    if span is None:
        return None
    found = text[slice(*span)]
    held = str(json.loads(found)) if part.kind is PartKind.FIELD else _unquoted(found)
    # JSON can encode half a character (a lone surrogate), which isn't a valid secret.
    return SecretValue(held) if _is_text(held) else None


def with_part(value: SecretValue, part: Part, new: SecretValue) -> SecretValue | None:
    """Return a value with one part replaced; None if that isn't possible.

    Either the part doesn't exist, or a connection string can't hold the new one without quotes.
    """
    text = value.reveal()
    span = _span(text, part)
    if span is None or (part.kind is PartKind.KEY and not is_plain(new.reveal())):
        return None
    is_field = part.kind is PartKind.FIELD
    written = json.dumps(new.reveal(), ensure_ascii=False) if is_field else new.reveal()
    return SecretValue(f"{text[: span[0]]}{written}{text[span[1] :]}")


def is_plain(text: str) -> bool:
    """Return whether a connection string can hold this text without quotes."""
    return bool(text) and _NOT_PLAIN.search(text) is None


def pointer_steps(pointer: str) -> tuple[str, ...] | None:
    """Parse a JSON pointer to something inside a document; None if it isn't valid."""
    if not pointer.startswith("/") or re.search(r"~(?![01])", pointer):
        return None
    return tuple(each.replace("~1", "/").replace("~0", "~") for each in pointer[1:].split("/"))


def _span(text: str, part: Part) -> Span | None:
    if part.kind is PartKind.KEY:
        found = [span for name, span in _pairs(text) or () if name == part.name.strip().lower()]
        return found[0] if len(found) == 1 else None
    steps = pointer_steps(part.name)
    if steps is None or not _is_json(text):
        return None
    start = _skipped(text, 0)
    for step in steps:
        inside = _item(text, start, step) if text[start] == "[" else _member(text, start, step)
        if inside is None:
            return None
        start = inside
    return (start, _end(text, start)) if text[start] == '"' else None


def _is_text(held: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in held)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _member(text: str, start: int, name: str) -> int | None:
    """Find where an object's member begins; None if it's missing or there are two.

    The text must be valid JSON.
    """
    if text[start] != "{":
        return None
    found: list[int] = []
    at = _skipped(text, start + 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        begin = _skipped(text, _skipped(text, at) + 1)
        if key == name:
            found.append(begin)
        at = _after_comma(text, _end(text, begin))
    return found[0] if len(found) == 1 else None


def _item(text: str, start: int, index: str) -> int | None:
    if not _INDEX.fullmatch(index):
        return None
    at, left = _skipped(text, start + 1), int(index)
    while text[at] != "]":
        if left == 0:
            return at
        at, left = _after_comma(text, _end(text, at)), left - 1
    return None


def _end(text: str, start: int) -> int:
    _, end = _DECODER.raw_decode(text, start)
    return end


def _after_comma(text: str, at: int) -> int:
    at = _skipped(text, at)
    return _skipped(text, at + 1) if text[at] == "," else at


def _skipped(text: str, at: int) -> int:
    spaces = _SPACES.match(text, at)
    return spaces.end() if spaces else at


def _looks_like_connection_string(text: str) -> bool:
    keys = [key.replace(" ", "") for key, _ in _pairs(text) or ()]
    return len(keys) > 1 and not _USUAL_KEYS.isdisjoint(keys)


def _pairs(text: str) -> list[tuple[str, Span]] | None:
    """Return a connection string's keys, in lower case, and the positions of their values.

    Values in quotes or braces can contain semicolons. None if it isn't a connection string.
    """
    pairs: list[tuple[str, Span]] = []
    at = 0
    while at < len(text):
        if not text[at:].partition(";")[0].strip():
            at = text.find(";", at) + 1 or len(text)
            continue
        equals = text.find("=", at)
        key = text[at:equals].strip() if equals > 0 else ""
        if not _KEY.fullmatch(key):
            return None
        start = _skipped(text, equals + 1)
        end = _value_end(text, start)
        if end is None:
            return None
        pairs.append((key.lower(), (start, len(text[:end].rstrip()) if end > start else start)))
        behind = _skipped(text, end)
        if behind < len(text) and text[behind] != ";":
            return None
        at = behind + 1
    return pairs


def _value_end(text: str, start: int) -> int | None:
    """Return where a value ends; None if its quotes aren't closed."""
    found = _QUOTED.get(text[start : start + 1], _UNQUOTED).match(text, start)
    return found.end() if found else None


def _unquoted(text: str) -> str:
    """Return what a value is without its quotes, which are closed if there are any."""
    closing = _CLOSING.get(text[:1])
    return text[1:-1].replace(closing * 2, closing) if closing else text
