"""The port of dependents, and what a kind of dependent declares of itself."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from domain.reasons import Reason
from domain.rotation.rotation import AppSlot, Captured, Dependent, Shape
from domain.secrets import SecretValue
from services.faults import Rejected, Unavailable
from services.rotation.dependents.names import spelling_of
from services.rotation.dependents.shapes import wanted
from services.rotation.step import NotYet
from services.toml import TomlTable, Url

_REFERENCES = frozenset({Shape.REFERENCE, Shape.PINNED})

_NEVER_RESOLVES = frozenset(
    {
        "InvalidSyntax",
        "MSINotEnabled",
        "VaultNotFound",
        "SecretNotFound",
        "AccessToKeyVaultDenied",
        "UnauthorizedClient",
    }
)
"""What App Service says of a reference that somebody has to put right; the rest may pass."""


class AppGone(Rejected):
    """There is no such app or slot: it was deleted, or is somewhere else now."""


class AppBusy(Unavailable):
    """The app is at another operation, such as a swap of slots: nothing was changed, and it ends.

    Where several requests are sent at once, App Service carries one out and answers this to others.
    """


@dataclass(frozen=True, slots=True)
class ReferenceState:
    """What Azure says of one Key Vault reference."""

    status: str
    active_version: str | None

    @property
    def is_resolved(self) -> bool:
        return self.status == "Resolved"


@dataclass(frozen=True, slots=True)
class DependentEntry:
    """What an app has under one name; a rotation changes its value and nothing else."""

    value: SecretValue
    type: str = ""
    """What the value is, for kinds of dependents that say so."""


Entries = Mapping[str, DependentEntry]
"""All that an app has of one kind, by name: any of it can be a secret, so all of it is masked."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where Latchkey itself is: a policy that names no other place means this one."""

    subscription: str
    resource_group: str


class DependentTable(TomlTable):
    """What every dependent's table in a policy file may have."""

    health_url: Url | None = None
    create: bool | None = None

    def dependent(self, home: Home) -> Dependent:
        """Return the dependent that the table describes."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class DependentKind:
    """What is known of a kind without asking Azure: the policy file and ``doctor`` use it."""

    name: str
    """Stored with each dependent, so it never changes."""
    noun: str
    """What people call one: it completes "the …"."""
    key: str
    """The key that only tables of this kind have."""
    table: type[DependentTable]
    """What its table in a policy file looks like."""
    role: str
    """The role that the bot needs on the app."""
    actions: tuple[str, ...]
    """What that role has to permit."""


class Dependents(ABC):
    """The dependents of one kind, in any app; each method raises AppGone where there is no app.

    Names are compared without case. ``read`` gives them as they are spelt.
    """

    kind: ClassVar[DependentKind]

    @abstractmethod
    async def read(self, app: AppSlot) -> Entries:
        """Read all that an app has of this kind."""

    @abstractmethod
    async def replace(self, app: AppSlot, entries: Entries) -> None:
        """Put these in the place of all that there are; it is sent once.

        Raises AppBusy while another operation changes the app.
        """

    @abstractmethod
    async def reference(self, app: AppSlot, name: str) -> ReferenceState | None:
        """Say how one Key Vault reference stands; None where it is none."""

    @abstractmethod
    async def refresh(self, app: AppSlot) -> None:
        """Have the app resolve its Key Vault references again."""

    def made(self, dependent: Dependent, value: SecretValue) -> DependentEntry:  # noqa: ARG002 - for kinds with options
        """Return what is added to an app that has nothing of the dependent's name."""
        return DependentEntry(value)

    async def verify(self, captured: Captured, version: str, value: SecretValue) -> None:
        """See that a dependent has the new version; raises what says whether that may pass."""
        dependent = captured.dependent
        held = held_by(dependent.setting, await self.read(dependent.app))
        if held != wanted(captured, version, value):
            raise Unavailable(str(dependent), Reason("setting_not_read_back"))
        if captured.shape not in _REFERENCES:
            return
        reference = await self.reference(dependent.app, dependent.setting)
        if reference is None or not reference.is_resolved:
            status = reference.status if reference else "missing"
            never = status in _NEVER_RESOLVES
            cause = Reason("reference_not_resolved", {"status": status})
            raise Rejected(str(dependent), cause) if never else NotYet(str(dependent), cause)
        if (reference.active_version or "").lower() != version.lower():
            raise NotYet(str(dependent), Reason("reference_to_other_version"))


Kinds = Mapping[str, Dependents]
"""What reads and writes dependents, by the names of their kinds."""


def held_by(name: str, entries: Entries) -> SecretValue | None:
    """Return the value under a name, however that is spelt; None where there is none."""
    spelling = spelling_of(name, entries)
    return None if spelling is None else entries[spelling].value


def kind_of(kinds: Kinds, dependent: Dependent) -> Dependents:
    """Return what reads and writes a dependent; raises Rejected for a kind that is gone."""
    try:
        return kinds[dependent.kind]
    except KeyError:
        raise Rejected("Latchkey", Reason("no_dependent_kind", {"kind": dependent.kind})) from None
