"""Everything that the sandbox holds, in memory."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.calls import Clock
from sandbox.faults import Faults
from sandbox.seed import Seed
from sandbox.stored.applications import StoredApplication
from sandbox.stored.assignments import StoredAssignments, is_within
from sandbox.stored.directory import StoredDirectory
from sandbox.stored.locks import StoredLock
from sandbox.stored.logged_operation import LoggedOperation
from sandbox.stored.sign_ins import StoredSignIns
from sandbox.stored.sites import StoredSite
from sandbox.stored.storage import StoredStorageAccount
from sandbox.stored.vaults import StoredVault
from sandbox.throttle import Throttle
from sandbox.tokens import Tokens

_LOG_LENGTH = 10_000


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """Hold the logged part of a request: no headers, no body.

    `status` is the service's answer, or None if a fault kept it from acting; `fault` is the fault
    applied to the request, if any. `principal` is the caller's object ID.
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
    """Hold what tests can adjust: times in seconds, and how Graph behaves.

    `graph_permitted` is whether it allows anything. Without `groups_available` it answers 503 to
    what is about groups, and to nothing else; `groups_latency_seconds` is added to those answers.
    Without `vaults_logged` the vaults send Log Analytics nothing; their lines take
    `log_delay_seconds` to get there. A subscription holds `assignment_limit` role assignments.
    """

    latency_seconds: float = 0
    propagation_seconds: float = 0
    deletion_seconds: float = 0
    client_secret_seconds: float = 0
    graph_permitted: bool = True
    groups_available: bool = True
    groups_latency_seconds: float = 0
    assignment_limit: int = 4_000
    vaults_logged: bool = True
    log_delay_seconds: float = 0

    @property
    def propagation(self) -> timedelta:
        """Return how long role assignments take to reach the data plane."""
        return timedelta(seconds=self.propagation_seconds)

    @property
    def client_secret(self) -> timedelta:
        """Return how long Entra takes to accept a new client secret."""
        return timedelta(seconds=self.client_secret_seconds)

    @property
    def log_delay(self) -> timedelta:
        """Return how long a line of a vault's log takes to reach Log Analytics."""
        return timedelta(seconds=self.log_delay_seconds)

    @property
    def deletion(self) -> timedelta:
        """Return how long deleting a secret takes."""
        return timedelta(seconds=self.deletion_seconds)


@dataclass(slots=True)
class State:
    """Hold the sandbox's contents, which `planting.plant` creates from the seed."""

    seed: Seed
    tokens: Tokens
    knobs: Knobs = field(default_factory=Knobs)
    faults: Faults = field(default_factory=Faults)
    log: deque[LoggedRequest] = field(default_factory=lambda: deque(maxlen=_LOG_LENGTH))
    vault_log: deque[LoggedOperation] = field(default_factory=lambda: deque(maxlen=_LOG_LENGTH))
    """What the vaults have logged, whether it has arrived or not."""
    directory: StoredDirectory = field(default_factory=lambda: StoredDirectory({}, {}))
    vaults: dict[str, StoredVault] = field(default_factory=dict)
    assignments: StoredAssignments = field(default_factory=StoredAssignments)
    locks: list[StoredLock] = field(default_factory=list)
    """The resource locks at any scope."""
    sites: dict[tuple[str, str], StoredSite] = field(default_factory=dict)
    """The apps by name and slot, both in lower case; the slot is empty for the app itself."""
    storage_accounts: dict[str, StoredStorageAccount] = field(default_factory=dict)
    """The storage accounts by name."""
    applications: dict[str, StoredApplication] = field(default_factory=dict)
    """The app registrations by object ID, in lower case."""
    sign_ins: StoredSignIns = field(default_factory=StoredSignIns)
    throttle: Throttle = field(default_factory=Throttle)
    authority_url: str = ""
    """Entra's address, without a trailing slash, once the sandbox is served."""
    sign_in_url: str = ""
    """Where browsers sign in: over plain HTTP, as they don't trust our certificate authority."""

    @property
    def issuer(self) -> str:
        """Return the issuer of the tenant's v2.0 tokens."""
        return f"{self.authority_url}/{self.seed.tenant_id}/v2.0"

    @classmethod
    def of(cls, seed: Seed, *, token_clock: Clock) -> "State":
        """Make an empty state; `token_clock` is the machine's clock."""
        return cls(seed, Tokens(seed.tenant_id, token_clock))

    def may(self, principal_id: str, data_action: str, scope: str, now: datetime) -> bool:
        """Tell whether a principal can do an action on secrets at a scope.

        In a vault without the RBAC permission model, only its access policies count.
        """
        vault = self.vault_at(scope)
        if vault is not None and not vault.rbac:
            return data_action in vault.access_policies.get(principal_id.lower(), ())
        return self.assignments.permit_data(
            principal_id, data_action, scope, now, self.knobs.propagation
        )

    def vault_at(self, scope: str) -> StoredVault | None:
        """Return the vault at a scope, or the one that contains it."""
        return next((one for one in self.vaults.values() if is_within(scope, one.scope)), None)

    def known_scope(self, scope: str) -> bool:
        """Tell whether a scope's resource exists; a secret doesn't have to exist yet."""
        wanted = scope.lower().rstrip("/")
        above = (f"/subscriptions/{self.seed.subscription_id}", self.seed.group_scope)
        resources = [vault.scope for vault in self.vaults.values()]
        resources += [site.scope for site in self.sites.values()]
        resources += [account.scope for account in self.storage_accounts.values()]
        resources.append(self.seed.workspace_scope)
        return wanted in {one.lower() for one in above} or any(
            is_within(wanted, resource) for resource in resources
        )
