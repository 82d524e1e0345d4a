"""The existing role assignments and what they allow a principal to do."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox import roles
from sandbox.roles import RoleDefinition

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LIMIT = re.compile(
    r"@(?P<source>Request|Resource)"
    r"\[Microsoft\.Authorization/roleAssignments:RoleDefinitionId\]"
    r"\s*ForAnyOfAnyValues:GuidEquals\s*\{(?P<guids>[^}]*)\}",
    re.IGNORECASE,
)
_SOURCE = {roles.WRITE_ASSIGNMENT: "request", roles.DELETE_ASSIGNMENT: "resource"}


@dataclass(frozen=True, slots=True)
class StoredAssignment:
    """Hold a role assignment; `name` is its GUID, `scope` keeps its original spelling."""

    name: str
    scope: str
    principal_id: str
    principal_type: str
    role: RoleDefinition
    description: str | None
    condition: str | None
    created_on: datetime
    created_by: str

    @property
    def id(self) -> str:
        """Return the resource id."""
        return f"{self.scope}/providers/Microsoft.Authorization/roleAssignments/{self.name}"


@dataclass(slots=True)
class StoredAssignments:
    """Hold all assignments, and deleted ones for as long as the data plane still honours them."""

    live: dict[tuple[str, str], StoredAssignment] = field(default_factory=dict)
    deleted: list[tuple[StoredAssignment, datetime]] = field(default_factory=list)

    def get(self, scope: str, name: str) -> StoredAssignment | None:
        """Return the assignment with this name at exactly this scope."""
        return self.live.get(_key(scope, name))

    def add(self, assignment: StoredAssignment) -> None:
        """Add an assignment."""
        self.live[_key(assignment.scope, assignment.name)] = assignment

    def remove(self, assignment: StoredAssignment, now: datetime) -> None:
        """Delete an assignment."""
        del self.live[_key(assignment.scope, assignment.name)]
        self.deleted.append((assignment, now))

    def same_access(
        self, scope: str, principal_id: str, role: RoleDefinition
    ) -> StoredAssignment | None:
        """Return the one assignment of a role to a principal at exactly this scope."""
        return next(
            (
                one
                for one in self.live.values()
                if one.scope.lower() == scope.lower()
                and one.principal_id.lower() == principal_id.lower()
                and one.role is role
            ),
            None,
        )

    def count(self, subscription: str) -> int:
        """Return how many assignments a subscription holds, in its resource groups as well."""
        return sum(is_within(one.scope, subscription) for one in self.live.values())

    def permit(
        self, principal_id: str, action: str, scope: str, about_role: RoleDefinition | None = None
    ) -> bool:
        """Tell whether a principal can do a control-plane action at a scope.

        `about_role` is the role of the assignment being written or deleted: it is checked by
        conditions that limit which roles can be assigned.
        """
        return any(
            one.role.allows(action) and _condition_holds(one.condition, action, about_role)
            for one in self.held_by(principal_id, scope)
        )

    def permit_data(
        self, principal_id: str, action: str, scope: str, now: datetime, propagation: timedelta
    ) -> bool:
        """Tell whether a principal can do a data-plane action at a scope.

        Grants and revocations reach the data plane after `propagation`.
        """
        arrived = [
            one for one in self.held_by(principal_id, scope) if one.created_on + propagation <= now
        ]
        lingering = [
            one
            for one, deleted_on in self.deleted
            if deleted_on + propagation > now
            and one.created_on + propagation <= now
            and one.principal_id.lower() == principal_id.lower()
            and is_within(scope, one.scope)
        ]
        return any(one.role.allows_data(action) for one in (*arrived, *lingering))

    def held_by(self, principal_id: str, scope: str) -> list[StoredAssignment]:
        """Return a principal's assignments at a scope, including inherited ones."""
        return [
            one
            for one in self.live.values()
            if one.principal_id.lower() == principal_id.lower() and is_within(scope, one.scope)
        ]


def is_guid(text: str) -> bool:
    """Tell whether a text is a GUID."""
    return _GUID.fullmatch(text) is not None


def subscription_of(scope: str) -> str:
    """Return the scope of the subscription that a scope is in."""
    return "/".join(scope.split("/")[:3])


def is_within(scope: str, ancestor: str) -> bool:
    """Tell whether a scope equals another or lies below it; case doesn't matter."""
    inner, outer = scope.lower().rstrip("/"), ancestor.lower().rstrip("/")
    return inner == outer or inner.startswith(f"{outer}/")


def _key(scope: str, name: str) -> tuple[str, str]:
    return scope.lower(), name.lower()


def _condition_holds(condition: str | None, action: str, about_role: RoleDefinition | None) -> bool:
    """Evaluate the one kind of condition that matters here: which roles can be given or taken."""
    if not condition or action not in _SOURCE:
        return True
    limits = [
        set(_GUID.findall(match["guids"].lower()))
        for match in _LIMIT.finditer(condition)
        if match["source"].lower() == _SOURCE[action]
    ]
    return all(about_role is not None and about_role.guid in allowed for allowed in limits)
