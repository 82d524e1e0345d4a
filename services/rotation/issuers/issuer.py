"""The port of issuers, and what an issuer declares of itself; adapters raise ``Fault``s."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.reasons import Reason
from domain.rotation.rotation import RemainingCredential, Rotation
from domain.secrets import SecretValue
from services.rotation.issuers.options import Options
from services.rotation.secret_versions import Version


def _never(_: Options) -> bool:
    return False


def _unknown(_: Options) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerKind:
    """What is known of an issuer without asking it: the policy file and the plan use it."""

    name: str
    """How policies name it; stored with each rotation."""
    check_options: Callable[[Options], list[str]]
    """Returns what is wrong with a policy's options, each by its name."""
    issues_credentials: bool = True
    """Whether it names what it issues, in a tag of the version."""
    may_end: bool = False
    """Whether what it makes has an end of its own, known once it is made."""
    keeps_structure: Callable[[Options], bool] = _never
    """Says whether it makes a whole connection string, and checks the one before it."""
    characters: Callable[[Options], str] = _unknown
    """Returns the characters that its values may have; none where that is not known."""
    of_one_secret: tuple[str, str] | None = None
    """Where its credentials serve one secret alone: the option that says of what, and why."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A new value, and how its issuer names the credential (empty where there is none)."""

    value: SecretValue
    credential: str = ""
    expires_at: datetime | None = None
    """The credential's own end; None where it has none, or none that is known."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What issuing would mean for others; ``faults`` are why it would be refused."""

    notes: tuple[Reason, ...] = ()
    faults: tuple[Reason, ...] = ()


class Issuer(Protocol):
    """What makes a new value. Every method may be called again after a crash.

    ``old`` is the version that is current before the rotation. Issuers that make credentials keep
    the credential's name in the version's tag ``CREDENTIAL_TAG``.
    """

    @property
    def kind(self) -> IssuerKind:
        """Return what is known of it without asking it."""

    async def prepare(self, rotation: Rotation, old: Version, value: SecretValue) -> str:
        """Get ready to issue, and return the name of the credential to be issued, if known."""

    async def issue(self, rotation: Rotation) -> Issued:
        """Make the new value."""

    async def is_alive(self, rotation: Rotation, credential: str, value: SecretValue) -> bool:
        """Say whether the system that issues still has what a version of the secret holds.

        Reads of some systems lag behind their writes, so a no may become a yes within a minute.
        """

    async def test_value(self, rotation: Rotation, value: SecretValue) -> Reason | None:
        """See that a value is accepted before any app gets it; return a note for the card.

        Raises NotYet while it is not. Where there is nothing to try it with, there is no note.
        """

    async def preview(self, rotation: Rotation, old: Version, value: SecretValue) -> Preview:
        """Say beforehand what issuing would mean for others; it changes nothing."""

    async def withdraw(self, rotation: Rotation, old: SecretValue | None) -> None:
        """Make what was issued useless; the rotation is rolled back.

        ``old`` is the value from before, for systems that have one credential, which is to be put
        back; None where it cannot be read any more.
        """

    async def retire(self, rotation: Rotation) -> None:
        """Make the old credential useless; the overlap is over."""

    async def remaining(self, rotation: Rotation) -> tuple[RemainingCredential, ...]:
        """List what else is valid beside the new credential, where the system can say."""


def kind_named(issuers: Mapping[str, Issuer], name: str) -> IssuerKind:
    """Return what is known of an issuer; of one that is gone, what holds for any."""
    if name in issuers:
        return issuers[name].kind
    return IssuerKind(name=name, check_options=lambda _: [])
