"""A world where three secrets need two assignments: one for a whole vault, one for a secret."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.access.assignment import Assignment
from domain.access.rules.policy import ScopeKind
from domain.policies.rule import Rule
from services.faults import Fault
from services.policies import Policies
from services.storage.table import Table
from tests.support.azure_fakes import FakeAssignments
from tests.support.builders import (
    ASSIGNMENT,
    DANA,
    OTHER_SECRET,
    ROLE,
    SECRET,
    VAULT,
    a_policy,
    a_target,
    a_target_alone,
)
from tests.support.replica import World

APART = replace(
    VAULT,
    name="kv-apart",
    url="https://kv-apart.vault.azure.net",
    resource_id=VAULT.resource_id.replace("kv-demo", "kv-apart"),
)
THIRD = "third-api-key"
SEVERAL = (SECRET, OTHER_SECRET, THIRD)
ALONE = Assignment(APART.secret_scope(THIRD), DANA.object_id, ROLE)
BOTH = {ASSIGNMENT.id, ALONE.id}

TARGETS = (
    a_target(SECRET),
    a_target(OTHER_SECRET),
    a_target_alone(THIRD, vault=APART.name, vault_url=APART.url, scope=APART.secret_scope(THIRD)),
)


class TroubledAssignments(FakeAssignments):
    """Assignments, some of which are refused."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self.trouble: dict[tuple[str, str], Fault] = {}
        """The error for each operation on an assignment, by its ID, until removed."""

    async def create(self, assignment: Assignment, description: str) -> None:
        self._meet("create", assignment)
        await super().create(assignment, description)

    async def delete(self, assignment: Assignment) -> bool:
        self._meet("delete", assignment)
        return await super().delete(assignment)

    def _meet(self, operation: str, assignment: Assignment) -> None:
        if fault := self.trouble.get((operation, assignment.id)):
            raise fault


class SeveralWorld(World):
    """A world with these three secrets."""

    def __init__(self, rules: Policies, table: Table | None = None) -> None:
        super().__init__(table, rules)
        self.assignments: TroubledAssignments = TroubledAssignments(self.clock)
        self.secrets.put(APART, THIRD)


def rules_of_several(third: dict[str, Any] | None = None, **changes: Any) -> Policies:
    """Build policies for the three secrets; ``third`` changes only the last one's rules."""
    common = a_policy(**changes)
    of_third = replace(common, vault=APART, scope_kind=ScopeKind.SECRET)
    of_third = replace(of_third, secret=THIRD, **(third or {}))
    rules = [Rule(name, replace(common, secret=name)) for name in SEVERAL[:2]]
    return Policies(common, (*rules, Rule(THIRD, of_third)))


def a_world_of_several(third: dict[str, Any] | None = None, **changes: Any) -> SeveralWorld:
    return SeveralWorld(rules_of_several(third, **changes))
