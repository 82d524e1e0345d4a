"""The interface of dependents, and what a kind of dependent declares."""

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
from services.rotation.step import Drift, NotYet
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
"""The statuses of a reference that someone has to fix; the others may be temporary."""


_VERSION_UNKNOWN = Reason("reference_version_unknown")


class AppGone(Rejected):
    """There is no such app or slot: it was deleted or moved."""


class AppBusy(Unavailable):
    """Another operation, such as a slot swap, is running on the app; nothing was changed.

    It's temporary. Of several concurrent requests App Service carries out one and refuses the rest.
    """


@dataclass(frozen=True, slots=True)
class ReferenceState:
    """The state of one Key Vault reference, from Azure."""

    status: str
    active_version: str | None
    """The version that it is resolved to; None if it isn't resolved, or if Azure doesn't say."""

    @property
    def is_resolved(self) -> bool:
        return self.status == "Resolved"


@dataclass(frozen=True, slots=True)
class DependentEntry:
    """An app's entry under one name; a rotation changes its value and nothing else."""

    value: SecretValue
    type: str = ""
    """The type of the value, for kinds of dependents that have types."""


Entries = Mapping[str, DependentEntry]
"""All entries of one kind in an app, by name; all are masked, since any of them can be a secret."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where Latchkey itself runs: the default for policies that name no other place."""

    subscription: str
    resource_group: str


class DependentTable(TomlTable, ABC):
    """The keys that every dependent's table in a policy file can have."""

    health_url: Url | None = None
    create: bool | None = None

    @abstractmethod
    def dependent(self, home: Home) -> Dependent:
        """Return the dependent that the table describes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DependentKind:
    """What a kind declares: the policy file and ``doctor`` read it without calling Azure."""

    name: str
    """Stored with each dependent, so it never changes."""
    subject: str
    """How ``doctor`` names one: a text with ``{app}`` and ``{name}``."""
    absent: str
    """What ``doctor`` says about one that the app doesn't have."""
    key: str
    """The key that only this kind's tables have."""
    table: type[DependentTable]
    """The model of its table in a policy file."""
    role: str
    """The role that the bot needs on the app."""
    actions: tuple[str, ...]
    """The permissions that the role has to include."""


class Dependents(ABC):
    """The dependents of one kind, in any app; every method raises AppGone if there's no such app.

    Names are case-insensitive. ``read`` returns the app's spelling.
    """

    kind: ClassVar[DependentKind]

    @abstractmethod
    async def read(self, app: AppSlot) -> Entries:
        """Read all of an app's entries of this kind."""

    @abstractmethod
    async def replace(self, app: AppSlot, entries: Entries) -> None:
        """Replace all entries with these; the request is sent once.

        Raises AppBusy while another operation changes the app.
        """

    @abstractmethod
    async def reference(self, app: AppSlot, name: str) -> ReferenceState | None:
        """Return the state of one Key Vault reference; None if the entry isn't a reference."""

    @abstractmethod
    async def refresh(self, app: AppSlot) -> None:
        """Make the app re-resolve its Key Vault references."""

    def made(self, dependent: Dependent, value: SecretValue) -> DependentEntry:  # noqa: ARG002 - for kinds with options
        """Return the entry to add to an app that has none of the dependent's name."""
        return DependentEntry(value)

    async def require_resolvable(self, dependent: Dependent) -> None:
        """Raise Drift if a dependent's reference is unresolved now, for a reason that stays.

        Also if Azure doesn't say to which version. A rotation would only write one and undo it
        again.
        """
        reference = await self.reference(dependent.app, dependent.setting)
        if reference and reference.status in _NEVER_RESOLVES:
            raise Drift(str(dependent), Reason("reference_broken", {"status": reference.status}))
        if reference and reference.is_resolved and not reference.active_version:
            raise Drift(str(dependent), _VERSION_UNKNOWN)

    async def verify(
        self, captured: Captured, entries: Entries, version: str, value: SecretValue
    ) -> None:
        """Check that a dependent has the new version; ``entries`` is what its app holds.

        Raises NotYet or Unavailable for what may be temporary, and Rejected for what isn't.
        """
        dependent = captured.dependent
        held = held_by(dependent.setting, entries)
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
        if not reference.active_version:
            raise NotYet(str(dependent), _VERSION_UNKNOWN)
        if reference.active_version.lower() != version.lower():
            raise NotYet(str(dependent), Reason("reference_to_other_version"))


Kinds = Mapping[str, Dependents]
"""The dependents' adapters by the names of their kinds."""


def held_by(name: str, entries: Entries) -> SecretValue | None:
    """Return the value under a name, in any spelling; None if there is none."""
    spelling = spelling_of(name, entries)
    return None if spelling is None else entries[spelling].value


def kind_of(kinds: Kinds, dependent: Dependent) -> Dependents:
    """Return a dependent's adapter; raises Rejected for a kind that no longer exists."""
    try:
        return kinds[dependent.kind]
    except KeyError:
        raise Rejected("Latchkey", Reason("no_dependent_kind", {"kind": dependent.kind})) from None
