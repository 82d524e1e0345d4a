"""Random values, for secrets that no system issues."""

import re
import secrets
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log2

from domain.reasons import Reason
from domain.rotation.plan import TELLS_NOBODY
from domain.rotation.rotation import RemainingCredential, Rotation
from domain.secrets import SecretValue
from services.faults import Rejected
from services.rotation.issuers.issuer import Issued, IssuerKind, Preview
from services.rotation.issuers.options import Options, unknown_options
from services.rotation.secret_versions import Version

NAME = "random"

ALPHABETS = {
    "hex": string.digits + "abcdef",
    "alphanumeric": string.ascii_letters + string.digits,
    "url-safe": string.ascii_letters + string.digits + "-_",
}
CLASSES = {
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "digit": string.digits,
    "symbol": string.punctuation,
}

_DEFAULTS = {"length": "64", "alphabet": "hex", "require": "", "prefix": ""}
_PRINTABLE = frozenset(string.ascii_letters + string.digits + string.punctuation)
_LONGEST = 4096
_LEAST_BITS = 64
"""The least randomness of a value, in bits: too much to guess by trying."""


class RandomIssuer:
    """Makes a value of random characters, 64 hexadecimal ones unless the policy says otherwise.

    Its options: ``length`` (without the prefix), ``alphabet`` (``hex``, ``alphanumeric``,
    ``url-safe``, or the characters themselves), ``require`` (the classes among ``lower``,
    ``upper``, ``digit`` and ``symbol`` that need at least one character each) and ``prefix``.
    """

    def __init__(self, choose: Callable[[Sequence[str]], str] = secrets.choice) -> None:
        """Take the function that picks one of several characters, all equally likely."""
        self._choose = choose

    @property
    def kind(self) -> IssuerKind:
        return KIND

    async def reach(self, options: Options) -> None:
        """Do nothing: random values come from this machine."""

    async def prepare(self, rotation: Rotation, old: Version, value: SecretValue) -> str:  # noqa: ARG002 - an issuer's shape
        """Refuse invalid options; return no name, since there is no credential."""
        if faults := check_options(rotation.terms.options):
            raise Rejected(NAME, Reason("wrong_options", {"faults": tuple(faults)}))
        return ""

    async def issue(self, rotation: Rotation) -> Issued:
        """Make a different value each time: a value that wasn't written is in use nowhere."""
        recipe = _Recipe.of(dict(rotation.terms.options))
        characters = self._characters(recipe)
        # Draw the whole value again, so that all values that meet the policy are equally likely.
        while not recipe.is_met_by(characters):
            characters = self._characters(recipe)
        return Issued(SecretValue(recipe.prefix + characters))

    async def is_alive(self, rotation: Rotation, credential: str, value: SecretValue) -> bool:  # noqa: ARG002 - an issuer's shape
        """Return True: no system issued the value, so it's valid as long as the vault has it."""
        return True

    async def test_value(self, rotation: Rotation, value: SecretValue) -> Reason | None:  # noqa: ARG002 - an issuer's shape
        """Try nothing: no system knows the value yet."""
        return None

    async def preview(self, rotation: Rotation, old: Version, value: SecretValue) -> Preview:  # noqa: ARG002 - an issuer's shape
        """Without dependents, say that someone has to hand the new value on."""
        return Preview(() if rotation.terms.dependents else (TELLS_NOBODY,))

    async def withdraw(self, rotation: Rotation, old: SecretValue | None) -> None:
        """Do nothing, since no system knows the value."""

    async def changed_for_others(self, rotation: Rotation) -> Reason | None:  # noqa: ARG002 - an issuer's shape
        """Return None, since there are no credentials."""
        return None

    async def retire(self, rotation: Rotation) -> None:
        """Do nothing, since no system knows the old value either."""

    async def remaining(self, rotation: Rotation) -> tuple[RemainingCredential, ...]:  # noqa: ARG002 - an issuer's shape
        """List nothing, since there are no credentials."""
        return ()

    def _characters(self, recipe: "_Recipe") -> str:
        return "".join(self._choose(recipe.alphabet) for _ in range(recipe.length))


@dataclass(frozen=True, slots=True)
class _Recipe:
    length: int
    alphabet: str
    required: tuple[str, ...]
    prefix: str

    @classmethod
    def of(cls, options: dict[str, str]) -> "_Recipe":
        given = _DEFAULTS | options
        return cls(
            length=int(given["length"]),
            alphabet=ALPHABETS.get(given["alphabet"], given["alphabet"]),
            required=tuple(CLASSES[name] for name in _names(given["require"])),
            prefix=given["prefix"],
        )

    def is_met_by(self, characters: str) -> bool:
        return all(set(characters) & set(required) for required in self.required)


def check_options(options: Options) -> list[str]:
    """Return the errors in a policy's options for this issuer; each begins with the option."""
    given = _DEFAULTS | dict(options)
    alphabet = ALPHABETS.get(given["alphabet"], given["alphabet"])
    return [
        *unknown_options(options, _DEFAULTS),
        *_alphabet_faults(alphabet),
        *_length_faults(given["length"], alphabet),
        *_require_faults(_names(given["require"]), alphabet),
        *_prefix_faults(given["prefix"]),
    ]


def _names(text: str) -> list[str]:
    return [name for name in re.split(r"[,\s]+", text) if name]


def _alphabet_faults(alphabet: str) -> list[str]:
    if not set(alphabet) <= _PRINTABLE:
        return ["alphabet: only printable ASCII characters, and no spaces"]
    if len(set(alphabet)) != len(alphabet):
        return ["alphabet: a character that is there twice would be twice as likely"]
    names = ", ".join(ALPHABETS)
    return [] if len(alphabet) > 1 else [f"alphabet: one of {names}, or at least two characters"]


def _length_faults(text: str, alphabet: str) -> list[str]:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= _LONGEST):
        return [f"length: a whole number from 1 to {_LONGEST} is expected"]
    if int(text) * log2(max(len(set(alphabet)), 1)) < _LEAST_BITS:
        return [f"length: {text} characters of this alphabet can be guessed"]
    return []


def _require_faults(names: list[str], alphabet: str) -> list[str]:
    known = ", ".join(CLASSES)
    return [
        f"require: {name} is none of {known}"
        if name not in CLASSES
        else f"require: the alphabet has no {name}"
        for name in names
        if not set(CLASSES.get(name, "")) & set(alphabet)
    ]


def _prefix_faults(prefix: str) -> list[str]:
    return [] if set(prefix) <= _PRINTABLE else ["prefix: only printable ASCII, and no spaces"]


def _characters_of(options: Options) -> str:
    given = dict(options)
    named = given.get("alphabet", "")
    return ALPHABETS.get(named, named) + given.get("prefix", "")


KIND = IssuerKind(
    name=NAME,
    check_options=check_options,
    issues_credentials=False,
    characters=_characters_of,
)
