"""The protocol of issuers, and what an issuer declares; adapters raise ``Fault``s."""

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
class IssuerRights:
    """What the bot needs in order to issue: rights on a resource, or an application that it owns.

    ``resource`` is an ARM resource ID, on which ``role`` includes the ``actions``. ``application``
    is the object ID of an app registration.
    """

    resource: str = ""
    role: str = ""
    actions: tuple[str, ...] = ()
    application: str = ""


NO_RIGHTS = IssuerRights()


def _nothing(_: Options) -> IssuerRights:
    return NO_RIGHTS


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerKind:
    """What an issuer declares: the policy file and the plan read it without calling the issuer."""

    name: str
    """Its name in policies; stored with each rotation."""
    check_options: Callable[[Options], list[str]]
    """Returns the errors in a policy's options; each begins with the option's name."""
    issues_credentials: bool = True
    """Whether it issues credentials with a name, which is kept in a tag of the version."""
    may_end: bool = False
    """Whether its credentials can expire, at a time that is known once they are issued."""
    reuses_slots: bool = False
    """Whether its system has a fixed number of credentials, of which each rotation replaces the one
    that isn't in use; otherwise there can be any number of them."""
    keeps_structure: Callable[[Options], bool] = _never
    """Says whether it makes a whole connection string, and checks the old one."""
    characters: Callable[[Options], str] = _unknown
    """Returns the characters its values can contain; empty if that isn't known."""
    needs: Callable[[Options], IssuerRights] = _nothing
    """Returns the rights that it needs; ``doctor`` and ``scripts/rights.py`` read them."""
    of_one_secret: tuple[str, str] | None = None
    """The option whose value may be in one secret's policy only, and why; None if there is none."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A new value, and the issuer's name for the credential (empty if there is none)."""

    value: SecretValue
    credential: str = ""
    expires_at: datetime | None = None
    """When the credential expires; None if it doesn't or that isn't known."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The effects of issuing on others; ``faults`` are the reasons it would be refused."""

    notes: tuple[Reason, ...] = ()
    faults: tuple[Reason, ...] = ()


class Issuer(Protocol):
    """Makes new values. Every method may be called again after a crash.

    ``old`` is the version that is current before the rotation. For issuers that make credentials,
    the version's tag ``CREDENTIAL_TAG`` holds the credential's name.
    """

    @property
    def kind(self) -> IssuerKind:
        """Return what the issuer declares."""

    async def reach(self, options: Options) -> None:
        """Read what issuing would change, with a policy's options; raises NotPermitted."""

    async def prepare(self, rotation: Rotation, old: Version, value: SecretValue) -> str:
        """Prepare to issue; return the name of the credential, or "" if it isn't known yet."""

    async def issue(self, rotation: Rotation) -> Issued:
        """Make the new value."""

    async def is_alive(self, rotation: Rotation, credential: str, value: SecretValue) -> bool:
        """Say whether the issuing system still has the credential that a version holds.

        Some systems' reads lag behind their writes: False may become True within a minute.
        """

    async def test_value(self, rotation: Rotation, value: SecretValue) -> Reason | None:
        """Check that a value is accepted before any app gets it; return a note for the card.

        Raises NotYet while it isn't accepted. Returns None if there is no way to try it.
        """

    async def preview(self, rotation: Rotation, old: Version, value: SecretValue) -> Preview:
        """Say what issuing would mean for others, without changing anything."""

    async def withdraw(self, rotation: Rotation, old: SecretValue | None) -> None:
        """Invalidate what was issued, since the rotation is rolled back.

        ``old`` is the value from before, for systems with a single credential, which has to be put
        back; None if it can no longer be read.
        """

    async def changed_for_others(self, rotation: Rotation) -> Reason | None:
        """Say which credentials that others may use were replaced since the rotation was asked for.

        Returns None if none was, as read after the withdrawal.
        """

    async def retire(self, rotation: Rotation) -> None:
        """Invalidate the old credential, since the overlap is over."""

    async def remaining(self, rotation: Rotation) -> tuple[RemainingCredential, ...]:
        """List the other valid credentials, if the system can list them."""


def kind_named(issuers: Mapping[str, Issuer], name: str) -> IssuerKind:
    """Return what an issuer declares; for an issuer that no longer exists, the defaults."""
    if name in issuers:
        return issuers[name].kind
    return IssuerKind(name=name, check_options=lambda _: [])
