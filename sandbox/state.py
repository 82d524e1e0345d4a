"""Everything that the sandbox holds, in memory."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.applications import StoredApplication
from sandbox.assignments import StoredAssignments, is_within
from sandbox.calls import Clock
from sandbox.directory import StoredDirectory
from sandbox.faults import Faults
from sandbox.locks import StoredLock
from sandbox.seed import Seed
from sandbox.sites import StoredSite
from sandbox.storage import StoredStorageAccount
from sandbox.throttle import Throttle
from sandbox.tokens import Tokens
from sandbox.vaults import StoredVault

_LOG_LENGTH = 10_000


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """Hold what is kept of a request: no header and no body.

    `status` is what the service answered, or None where a fault kept it from acting; `fault` says
    what was done to the request, if anything. `principal` is the object id of who asked.
    """

    at: datetime
    method: str
    path: str
    query: str
    status: int | None
    principal: str | None
    fault: str | None


@dataclass(slots=True)
class Knobs:
    """Hold what tests turn: times in seconds, and whether Graph lets anyone look people up."""

    latency_seconds: float = 0
    propagation_seconds: float = 0
    deletion_seconds: float = 0
    client_secret_seconds: float = 0
    graph_permitted: bool = True

    @property
    def propagation(self) -> timedelta:
        """Return how long role assignments take to reach the data plane."""
        return timedelta(seconds=self.propagation_seconds)

    @property
    def client_secret(self) -> timedelta:
        """Return how long Entra takes to accept a new client secret."""
        return timedelta(seconds=self.client_secret_seconds)

    @property
    def deletion(self) -> timedelta:
        """Return how long a secret is being deleted."""
        return timedelta(seconds=self.deletion_seconds)


@dataclass(slots=True)
class State:
    """Hold the sandbox's world, which `planting.plant` makes from the seed."""

    seed: Seed
    tokens: Tokens
    knobs: Knobs = field(default_factory=Knobs)
    faults: Faults = field(default_factory=Faults)
    log: deque[LoggedRequest] = field(default_factory=lambda: deque(maxlen=_LOG_LENGTH))
    directory: StoredDirectory = field(default_factory=lambda: StoredDirectory({}, {}))
    vaults: dict[str, StoredVault] = field(default_factory=dict)
    assignments: StoredAssignments = field(default_factory=StoredAssignments)
    locks: list[StoredLock] = field(default_factory=list)
    """The resource locks, at whatever scope."""
    sites: dict[tuple[str, str], StoredSite] = field(default_factory=dict)
    """The apps by name and slot, both in lower case; the slot is empty for the app itself."""
    storage_accounts: dict[str, StoredStorageAccount] = field(default_factory=dict)
    """The storage accounts by name."""
    applications: dict[str, StoredApplication] = field(default_factory=dict)
    """The app registrations by object id, in lower case."""
    throttle: Throttle = field(default_factory=Throttle)

    @classmethod
    def of(cls, seed: Seed, *, token_clock: Clock) -> "State":
        """Make a state that has nothing in it yet; `token_clock` is the machine's own."""
        return cls(seed, Tokens(seed.tenant_id, token_clock))

    def may(self, principal_id: str, data_action: str, scope: str, now: datetime) -> bool:
        """Tell whether a principal may do something to secrets at a scope.

        A vault that is not in the RBAC permission model heeds its access policies alone.
        """
        vault = self.vault_at(scope)
        if vault is not None and not vault.rbac:
            return data_action in vault.access_policies.get(principal_id.lower(), ())
        return self.assignments.permit_data(
            principal_id, data_action, scope, now, self.knobs.propagation
        )

    def vault_at(self, scope: str) -> StoredVault | None:
        """Return the vault that a scope is, or lies in."""
        return next((one for one in self.vaults.values() if is_within(scope, one.scope)), None)

    def known_scope(self, scope: str) -> bool:
        """Tell whether the resource of a scope exists; a secret's name may be a future one."""
        wanted = scope.lower().rstrip("/")
        above = (f"/subscriptions/{self.seed.subscription_id}", self.seed.group_scope)
        resources = [vault.scope for vault in self.vaults.values()]
        resources += [site.scope for site in self.sites.values()]
        resources += [account.scope for account in self.storage_accounts.values()]
        return wanted in {one.lower() for one in above} or any(
            is_within(wanted, resource) for resource in resources
        )
