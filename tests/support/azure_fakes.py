"""Azure and Entra in memory, held to the same contract as the adapters to the real ones."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from domain.assignment import READING_ROLES, Assignment, is_within
from domain.people import Person
from domain.secrets import Vault
from services.faults import AccountDisabled, Rejected, StandingAccess
from services.ports import AssignmentFacts, SecretState, StandingRole
from tests.support.fault_queue import FaultQueue

_ById = dict[tuple[str, str], AssignmentFacts]


class FakeAssignments:
    """``services.ports.Assignments`` with Azure's rules: one assignment per triple."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._by_id: _ById = {}
        self._earlier: _ById = {}
        self._changed_at = datetime.min.replace(tzinfo=UTC)
        self._answering = asyncio.Event()
        self._answering.set()
        self._unlisted: set[str] = set()
        self.faults = FaultQueue()
        self.calls: list[str] = []
        """The names of the operations that were asked for, whether they succeeded or not."""
        self.deleted = asyncio.Event()
        """Set as soon as Latchkey has deleted an assignment."""
        self.lag = timedelta()
        """For how long a read shows what was there before the last change."""
        self.deletions_to_lose = 0
        """How many deletions are answered as if they were carried out, and are not."""

    async def create(self, assignment: Assignment, description: str) -> None:
        await self._begin("create")
        with self.faults.around("create"):
            existing = self._by_id.get(_key(assignment, assignment.id))
            if existing is None:
                self._require_no_other(assignment)
                self.plant(assignment, assignment.id, description)
            elif existing.assignment.id != assignment.id:
                raise Rejected("fake", "RoleAssignmentUpdateNotPermitted")

    async def read(self, assignment: Assignment) -> AssignmentFacts | None:
        await self._begin("read")
        with self.faults.around("read"):
            key = _key(assignment, assignment.id)
            is_late = self._clock() < self._changed_at + self.lag
            return (self._earlier if is_late else self._by_id).get(key)

    async def delete(self, assignment: Assignment) -> bool:
        await self._begin("delete")
        with self.faults.around("delete"):
            key = _key(assignment, assignment.id)
            if key not in self._by_id:
                return False
            if self.deletions_to_lose:
                self.deletions_to_lose -= 1
                return True
            self._keep_earlier()
            del self._by_id[key]
            self.deleted.set()
            return True

    async def list_ours(self, scope: str) -> list[AssignmentFacts]:
        await self._begin("list")
        with self.faults.around("list"):
            is_late = self._clock() < self._changed_at + self.lag
            existing = self._earlier if is_late else self._by_id
            return [
                facts
                for (_, name), facts in existing.items()
                if name == facts.assignment.id
                and name not in self._unlisted
                and is_within(facts.assignment.scope, scope)
            ]

    def plant(self, assignment: Assignment, name: str, description: str = "") -> None:
        """Put an assignment under any id, as somebody else would."""
        self._keep_earlier()
        facts = AssignmentFacts(assignment, description, self._clock())
        self._by_id[_key(assignment, name)] = facts

    def keep(self, name: str, facts: AssignmentFacts) -> None:
        """Have an assignment that was made before."""
        self._by_id[_key(facts.assignment, name)] = facts

    def forget(self, scope: str, name: str) -> None:
        """Delete an assignment, as somebody else would."""
        del self._by_id[scope.lower(), name.lower()]

    def hide_from_lists(self, assignment: Assignment) -> None:
        """Leave an assignment out of lists, as one that is late does."""
        self._unlisted.add(assignment.id)

    def hang(self) -> None:
        """Answer nothing any more, until told to go on."""
        self._answering.clear()

    def go_on(self) -> None:
        """Answer again."""
        self._answering.set()

    def all(self) -> list[AssignmentFacts]:
        """Return what exists now."""
        return list(self._by_id.values())

    def names(self) -> list[str]:
        """Return the ids under which something exists now."""
        return [name for _, name in self._by_id]

    def by_name(self) -> dict[str, AssignmentFacts]:
        """Return what exists now under each id."""
        return {name: facts for (_, name), facts in self._by_id.items()}

    def _keep_earlier(self) -> None:
        self._earlier = dict(self._by_id)
        self._changed_at = self._clock()

    async def _begin(self, operation: str) -> None:
        self.calls.append(operation)
        await self._answering.wait()

    def _require_no_other(self, assignment: Assignment) -> None:
        # The id follows from the triple without regard to case, so it says which triple it is.
        if any(facts.assignment.id == assignment.id for facts in self._by_id.values()):
            raise StandingAccess("fake", "RoleAssignmentExists")


class FakeStandingRoles:
    """``services.ports.StandingRoles`` of what lies among the assignments of a fake."""

    def __init__(self, assignments: FakeAssignments) -> None:
        self._assignments = assignments
        self.faults = FaultQueue()

    async def of(self, person_id: str, vault_id: str) -> list[StandingRole]:
        with self.faults.around("of"):
            return [
                StandingRole(one.role, one.scope, by_group=False)
                for name, facts in self._assignments.by_name().items()
                if (one := facts.assignment).id != name
                and one.principal_id == person_id
                and one.role in READING_ROLES
                and (is_within(one.scope, vault_id) or is_within(vault_id, one.scope))
            ]


class FakeSecrets:
    """``services.ports.Secrets`` of any number of vaults."""

    def __init__(self) -> None:
        self._states: dict[tuple[str, str], SecretState] = {}
        self._tags: dict[tuple[str, str], dict[str, str]] = {}
        self.faults = FaultQueue()

    def put(self, vault: Vault, name: str, state: SecretState = SecretState.ENABLED) -> None:
        self._states[vault.name, name.lower()] = state

    def tag(self, vault: Vault, name: str, **tags: str) -> None:
        self._tags[vault.name, name.lower()] = tags

    async def tags(self, vault: Vault, name: str) -> dict[str, str]:
        with self.faults.around("tags"):
            return self._tags.get((vault.name, name.lower()), {})

    async def state(self, vault: Vault, name: str) -> SecretState:
        with self.faults.around("state"):
            return self._states.get((vault.name, name.lower()), SecretState.UNKNOWN)

    async def names(self, vault: Vault) -> list[str]:
        with self.faults.around("names"):
            return [secret for name, secret in self._states if name == vault.name]


class FakePeople:
    """``services.ports.People``: people, some of them disabled."""

    def __init__(self, *people: Person) -> None:
        self._people = list(people)
        self._disabled: set[str] = set()
        self.faults = FaultQueue()
        self.asked: list[str] = []

    async def find(self, who: str) -> Person | None:
        self.asked.append(who)
        with self.faults.around("find"):
            found = next(
                (
                    person
                    for person in self._people
                    if who.lower() in (person.object_id, person.email)
                ),
                None,
            )
            if found and found.object_id in self._disabled:
                raise AccountDisabled("Microsoft Graph", "the account is disabled")
            return found

    def add(self, person: Person) -> None:
        self._people.append(person)

    def remove(self, person: Person) -> None:
        self._people.remove(person)

    def disable(self, person: Person) -> None:
        self._disabled.add(person.object_id)


def _key(assignment: Assignment, name: str) -> tuple[str, str]:
    return assignment.scope.lower(), name.lower()
