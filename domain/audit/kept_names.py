"""Names beside the hashed text of an event, which has a commitment in place of each.

The commitment is an HMAC-SHA256 over the name, keyed with a salt that is kept with the name. Once
both are erased, nobody can find out by guessing which name it was, and the text hasn't changed.
"""

import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_START = "name:"
_TOKEN = re.compile(f"{_START}[0-9a-f]{{64}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class KeptName:
    """A name with its salt in hexadecimal; both are empty once it is erased.

    ``ids`` are the object IDs of whom it names, as far as they are known. They stay.
    """

    name: str
    salt: str
    ids: tuple[str, ...] = ()

    @property
    def is_erased(self) -> bool:
        return not self.salt

    @property
    def erased(self) -> "KeptName":
        """The same without the name and its salt."""
        return KeptName("", "", self.ids)


KeptNames = Mapping[str, KeptName]
"""The names of an event by their commitments."""


def commitment(name: str, salt: bytes) -> str:
    """Return what stands in the hashed text for a name."""
    return f"{_START}{hmac.digest(salt, _bytes(name), 'sha256').hex()}"


def is_commitment(text: str) -> bool:
    return _TOKEN.fullmatch(text) is not None


def written(names: KeptNames) -> str:
    """Write names as JSON, in the order of the event."""
    return json.dumps({token: members_of(kept) for token, kept in names.items()})


def members_of(kept: KeptName) -> dict[str, object]:
    """Return a name as JSON has it; an erased one has neither a name nor a salt."""
    ids: dict[str, object] = {"ids": list(kept.ids)}
    return ids if kept.is_erased else {"name": kept.name, "salt": kept.salt, **ids}


def read(text: str) -> KeptNames:
    """Read what ``written`` wrote; raises ValueError for anything else."""
    try:
        found = json.loads(text)
        return {str(token): _kept(members) for token, members in found.items()}
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"names that can't be read: {type(error).__name__}") from None


def readable(text: str) -> KeptNames:
    """Read names; none if there are none, or if they can't be read, which verifying says."""
    try:
        return read(text)
    except ValueError:
        return {}


def are_genuine(text: str, names: KeptNames) -> bool:
    """Return whether each name is the one that the text was written with."""
    return all(
        token in text
        and (kept.is_erased or commitment(kept.name, bytes.fromhex(kept.salt)) == token)
        for token, kept in names.items()
    )


def number_erased(names: KeptNames) -> int:
    return sum(kept.is_erased for kept in names.values())


def shown_ids(ids: Iterable[str]) -> str:
    """Return what readers see in place of an erased name."""
    return ", ".join(ids) or "erased"


def _kept(members: Mapping[str, object]) -> KeptName:
    ids = members["ids"]
    name, salt = members.get("name", ""), members.get("salt", "")
    if not (isinstance(ids, list) and isinstance(name, str) and isinstance(salt, str)):
        raise TypeError
    bytes.fromhex(salt)
    return KeptName(name, salt, tuple(map(str, ids)))


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")
