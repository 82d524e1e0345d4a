"""People, policies and requests for tests, with defaults for anything a test doesn't care about."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.access.approval import Approval, Denial
from domain.access.assignment import Assignment
from domain.access.grant import Grant
from domain.access.request import Request, RequestState
from domain.access.rules.policy import Policy, ScopeKind
from domain.access.target import Target
from domain.access.terms import Terms
from domain.people import Actor, Person
from domain.policies.rule import Rule
from domain.secrets import Vault
from domain.workflow import Change, Event
from services.policies import Policies
from tests.support.clock import NINE

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"

DANA = Actor(TENANT, "11111111-0000-4000-8000-000000000001", "Dana Developer")
EVE = Actor(TENANT, "11111111-0000-4000-8000-000000000002", "Eve Engineer")
ADA = Actor(TENANT, "22222222-0000-4000-8000-000000000001", "Ada Approver")
BO = Actor(TENANT, "22222222-0000-4000-8000-000000000002", "Bo Backup")
CY = Actor(TENANT, "22222222-0000-4000-8000-000000000003", "Cy Careful")
EVERYONE = (DANA, EVE, ADA, BO, CY)

SECRET = "demo-api-key"
OTHER_SECRET = "app-api-key"
VAULT = Vault(
    name="kv-demo",
    url="https://kv-demo.vault.azure.net",
    resource_id="/subscriptions/5b1c0000-0000-4000-8000-000000000001/resourceGroups/rg-demo"
    "/providers/Microsoft.KeyVault/vaults/kv-demo",
)
ROLE = "4633458b-17de-408a-b874-0445c86b69e6"
ASSIGNMENT = Assignment(VAULT.resource_id, DANA.object_id, ROLE)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def email_of(person: Actor) -> str:
    return f"{person.name.partition(' ')[0].lower()}@contoso.example"


def in_directory(person: Actor) -> Person:
    return Person(person.object_id, person.name, email_of(person))


_POLICY = Policy(
    secret=SECRET,
    vault=VAULT,
    approvers=(email_of(ADA), email_of(BO)),
    min_approvals=1,
    shortest=timedelta(minutes=5),
    longest=timedelta(hours=4),
    pending_for=timedelta(hours=8),
    role=ROLE,
    scope_kind=ScopeKind.VAULT,
)


def a_policy(**changes: Any) -> Policy:
    return replace(_POLICY, **changes)


def policies(*requestable: str, **changes: Any) -> Policies:
    """Build a policy for these secrets, or for the two usual ones."""
    policy = a_policy(**changes)
    names = requestable or (SECRET, OTHER_SECRET)
    return Policies(policy, tuple(Rule(name, replace(policy, secret=name)) for name in names))


_TERMS = Terms(approvers=(in_directory(ADA), in_directory(BO)), min_approvals=1)


def some_terms(**changes: Any) -> Terms:
    return replace(_TERMS, **changes)


_TARGET = Target(
    secret=SECRET,
    vault=VAULT.name,
    vault_url=VAULT.url,
    role=ROLE,
    scope=VAULT.resource_id,
    exposes=37,
)


def a_target(secret: str = SECRET, **changes: Any) -> Target:
    """Build a target whose access covers the whole vault by default."""
    return replace(_TARGET, secret=secret, **changes)


def a_target_alone(secret: str = SECRET, **changes: Any) -> Target:
    """Build a target whose access covers only the secret."""
    return a_target(secret, **({"scope": VAULT.secret_scope(secret), "exposes": 1} | changes))


_PENDING = Request(
    id="req-one",
    state=RequestState.PENDING,
    requester=DANA,
    targets=(_TARGET,),
    justification="Smoke test of the checkout release, CHG-4711",
    window=HOUR,
    requested_at=NINE,
    lapses_at=NINE + 8 * HOUR,
    terms=_TERMS,
)


def a_request(**changes: Any) -> Request:
    """Build a request; by default pending since nine o'clock, for one hour."""
    return replace(_PENDING, **changes)


def a_grant(**changes: Any) -> Grant:
    return replace(Grant(give_up_at=NINE + 10 * MINUTE), **changes)


def a_granting_request(**changes: Any) -> Request:
    """Build a request that Ada approved at nine o'clock."""
    approved: dict[str, Any] = {
        "state": RequestState.GRANTING,
        "approvals": (Approval(ADA, NINE),),
        "grant": a_grant(),
    }
    return a_request(**(approved | changes))


def an_active_request(**changes: Any) -> Request:
    """Build a request with access from nine to ten."""
    grant = a_grant(granted_at=NINE, expires_at=NINE + HOUR)
    return a_granting_request(**({"state": RequestState.ACTIVE, "grant": grant} | changes))


def a_revoking_request(**changes: Any) -> Request:
    """Build a request whose access should have ended at ten o'clock."""
    revoking = {"state": RequestState.REVOKING, "revoke_since": NINE + HOUR}
    return an_active_request(**(revoking | changes))


def a_denied_request(**changes: Any) -> Request:
    """Build a request that Bo denied at nine o'clock."""
    denied = {"state": RequestState.DENIED, "denial": Denial(BO, NINE, "not today")}
    return a_request(**(denied | changes))


def kinds(events: Change[Request] | tuple[Event, ...] | list[Event]) -> list[str]:
    """Return the kinds of events, in order."""
    found = events.events if isinstance(events, Change) else events
    return [str(event.kind) for event in found]
