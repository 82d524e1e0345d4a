"""Azure and Entra in memory, tested by the same contract as the real adapters."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from domain.access.assignment import READING_ROLES, Assignment, is_within
from domain.access.revocable import LockLevel, ResourceLock, describe_place
from domain.people import Group, Person
from domain.secrets import Vault
from services.faults import AccountDisabled, Locked, Rejected, StandingAccess, Unavailable
from services.ports import AssignmentFacts, SecretState, StandingRole
from tests.support.fault_queue import FaultQueue

_ById = dict[tuple[str, str], AssignmentFacts]


class FakeAssignments:
    """``services.ports.Assignments`` with Azure's rules: one assignment per triple."""

    def __init__(
        self, clock: Callable[[], datetime], controls: "FakeVaultControls | None" = None
    ) -> None:
        self._clock = clock
        self._controls = controls or FakeVaultControls()
        self._by_id: _ById = {}
        self._earlier: _ById = {}
        self._changed_at = datetime.min.replace(tzinfo=UTC)
        self._answering = asyncio.Event()
        self._answering.set()
        self._unlisted: set[str] = set()
        self.faults = FaultQueue()
        self.calls: list[str] = []
        """The names of the requested operations, whether they succeeded or not."""
        self.deleted = asyncio.Event()
        """Set as soon as Latchkey has deleted an assignment."""
        self.lag = timedelta()
        """For how long reads show the state before the last change."""
        self._late: list[tuple[str, timedelta]] = []
        self._landing: list[tuple[datetime, Callable[[], None]]] = []
        self.deletions_to_lose = 0
        """How many deletions are reported as done without being done."""

    async def create(self, assignment: Assignment, description: str) -> None:
        await self._begin("create")
        self._answer_late("create", lambda: self._make(assignment, description))
        with self.faults.around("create"):
            self._controls.require_unlocked(assignment.scope, LockLevel.READ_ONLY)
            existing = self._by_id.get(_key(assignment, assignment.id))
            if existing is None:
                self._require_no_other(assignment)
                self.plant(assignment, assignment.id, description)
            elif existing.assignment.id != assignment.id:
                raise Rejected("fake", "RoleAssignmentUpdateNotPermitted")

    async def read(self, assignment: Assignment) -> AssignmentFacts | None:
        await self._begin("read")
        with self.faults.around("read"):
            return self._shown().get(_key(assignment, assignment.id))

    async def standing(self, assignment: Assignment) -> AssignmentFacts | None:
        await self._begin("list")
        with self.faults.around("list"):
            others = (
                facts
                for (_, name), facts in self._shown().items()
                if facts.assignment.id == assignment.id and name != assignment.id.lower()
            )
            return next(others, None)

    async def delete(self, assignment: Assignment) -> bool:
        await self._begin("delete")
        self._answer_late("delete", lambda: self._remove(assignment))
        with self.faults.around("delete"):
            self._controls.require_unlocked(assignment.scope, *LockLevel)
            if _key(assignment, assignment.id) not in self._by_id:
                return False
            if self.deletions_to_lose:
                self.deletions_to_lose -= 1
                return True
            self._remove(assignment)
            self.deleted.set()
            return True

    async def list_ours(self, scope: str) -> list[AssignmentFacts]:
        await self._begin("list")
        with self.faults.around("list"):
            return [
                facts
                for (_, name), facts in self._shown().items()
                if name == facts.assignment.id
                and name not in self._unlisted
                and is_within(facts.assignment.scope, scope)
            ]

    def plant(self, assignment: Assignment, name: str, description: str = "") -> None:
        """Add an assignment with any ID, as someone else would."""
        self._keep_earlier()
        facts = AssignmentFacts(assignment, description, self._clock())
        self._by_id[_key(assignment, name)] = facts

    def keep(self, name: str, facts: AssignmentFacts) -> None:
        """Add an assignment that was made earlier."""
        self._by_id[_key(facts.assignment, name)] = facts

    def forget(self, scope: str, name: str) -> None:
        """Delete an assignment, as someone else would."""
        del self._by_id[scope.lower(), name.lower()]

    def hide_from_lists(self, assignment: Assignment) -> None:
        """Leave an assignment out of lists, as if they lagged behind."""
        self._unlisted.add(assignment.id)

    def hang(self) -> None:
        """Stop answering until resumed."""
        self._answering.clear()

    def go_on(self) -> None:
        """Answer again."""
        self._answering.set()

    def carry_out_late(self, operation: str, after: timedelta, times: int = 1) -> None:
        """Answer the next ``times`` operations of this name with an error, and do them later."""
        self._late += [(operation, after)] * times

    def answer_in_time(self) -> None:
        """Cancel the configured late operations; those already in flight still land."""
        self._late.clear()

    def land_later(
        self, operation: str, assignment: Assignment, after: timedelta, description: str = ""
    ) -> None:
        """Put an operation in flight whose sender is gone."""
        effects = {
            "create": lambda: self._make(assignment, description),
            "delete": lambda: self._remove(assignment),
        }
        self._landing.append((self._clock() + after, effects[operation]))

    def all(self) -> list[AssignmentFacts]:
        """Return the existing assignments."""
        self._land()
        return list(self._by_id.values())

    def names(self) -> list[str]:
        """Return the IDs of the existing assignments."""
        self._land()
        return [name for _, name in self._by_id]

    def by_name(self) -> dict[str, AssignmentFacts]:
        """Return the existing assignments by ID."""
        self._land()
        return {name: facts for (_, name), facts in self._by_id.items()}

    def _shown(self) -> _ById:
        """Return what reads show, which can lag behind."""
        is_late = self._clock() < self._changed_at + self.lag
        return self._earlier if is_late else self._by_id

    def _keep_earlier(self) -> None:
        self._earlier = dict(self._by_id)
        self._changed_at = self._clock()

    async def _begin(self, operation: str) -> None:
        self.calls.append(operation)
        await self._answering.wait()
        self._land()

    def _answer_late(self, operation: str, effect: Callable[[], None]) -> None:
        """Make a configured operation fail now and land later."""
        ordered = next((one for one in self._late if one[0] == operation), None)
        if ordered:
            self._late.remove(ordered)
            self._landing.append((self._clock() + ordered[1], effect))
            raise Unavailable("fake", "no answer in time")

    def _land(self) -> None:
        """Carry out the operations in flight that are due."""
        due = [one for one in self._landing if one[0] <= self._clock()]
        for one in due:
            self._landing.remove(one)
            one[1]()

    def _make(self, assignment: Assignment, description: str) -> None:
        """Create an assignment unless Azure already has one for the triple."""
        if all(facts.assignment.id != assignment.id for facts in self._by_id.values()):
            self.plant(assignment, assignment.id, description)

    def _remove(self, assignment: Assignment) -> None:
        if _key(assignment, assignment.id) in self._by_id:
            self._keep_earlier()
            del self._by_id[_key(assignment, assignment.id)]

    def _require_no_other(self, assignment: Assignment) -> None:
        # The ID is derived from the triple, ignoring case, so it identifies the triple.
        if any(facts.assignment.id == assignment.id for facts in self._by_id.values()):
            raise StandingAccess("fake", "RoleAssignmentExists")


class FakeVaultControls:
    """``services.ports.VaultControls``: no locks, and RBAC, by default."""

    def __init__(self) -> None:
        self._locks: list[ResourceLock] = []
        self._without_rbac: set[str] = set()
        self.faults = FaultQueue()
        self.calls: list[str] = []
        """The names of the requested operations."""

    def lock(
        self, scope: str, name: str = "keep", level: LockLevel = LockLevel.CAN_NOT_DELETE
    ) -> None:
        """Put a lock on a scope, as someone else would."""
        self._locks.append(ResourceLock(name, level, scope))

    def unlock(self) -> None:
        """Remove all locks."""
        self._locks.clear()

    def use_access_policies(self, vault_id: str) -> None:
        """Switch a vault's RBAC permission model off."""
        self._without_rbac.add(vault_id.lower())

    async def locks(self, vault_id: str) -> tuple[ResourceLock, ...]:
        self.calls.append("locks")
        with self.faults.around("locks"):
            return tuple(
                lock
                for lock in self._locks
                if is_within(vault_id, lock.scope) or is_within(lock.scope, vault_id)
            )

    async def uses_rbac(self, vault_id: str) -> bool:
        self.calls.append("uses_rbac")
        with self.faults.around("uses_rbac"):
            return vault_id.lower() not in self._without_rbac

    def require_unlocked(self, scope: str, *levels: LockLevel) -> None:
        """Refuse, as Azure does, anything forbidden by a lock with one of these levels."""
        for lock in self._locks:
            if lock.level in levels and is_within(scope, lock.scope):
                where = f"the {describe_place(lock.scope)}"
                cause = f"409 ScopeLocked: {where} is locked"
                raise Locked("fake", cause, (lock.scope,), status=409, code="ScopeLocked")


class FakeStandingRoles:
    """``services.ports.StandingRoles`` from a fake's assignments."""

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
    """``services.ports.Secrets`` for any number of vaults."""

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
    """``services.ports.People``, some of them disabled."""

    def __init__(self, *people: Person) -> None:
        self._people = list(people)
        self._disabled: set[str] = set()
        self.faults = FaultQueue()
        self.asked: list[str] = []
        self.takes_time: Callable[[str], object] = lambda _: None
        """What happens while someone is looked up; set by a test that lets time pass."""

    async def find(self, who: str) -> Person | None:
        self.asked.append(who)
        self.takes_time(who)
        with self.faults.around("find"):
            found = next(
                (
                    person
                    for person in self._people
                    if who and who.lower() in (person.object_id, person.email)
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


class FakeGroups:
    """``services.ports.Groups``; a group can be in another one."""

    def __init__(self) -> None:
        self._groups: dict[str, Group] = {}
        self._members: dict[str, dict[str, Person | Group]] = {}
        self._disabled: set[str] = set()
        self.faults = FaultQueue()
        self.calls: list[str] = []
        """The names of the requested operations, whether they succeeded or not."""
        self.answering = asyncio.Event()
        """Cleared by a test to keep all operations waiting."""
        self.answering.set()

    def add(self, group: Group, *members: Person | Group) -> None:
        """Create a group, or add members to it."""
        self._groups[group.object_id] = group
        known = self._members.setdefault(group.object_id, {})
        known.update({member.object_id: member for member in members})

    def remove(self, group: Group, member: Person | Group) -> None:
        del self._members[group.object_id][member.object_id]

    def rename(self, group: Group, name: str) -> None:
        self._groups[group.object_id] = Group(group.object_id, name)

    def delete(self, group: Group) -> None:
        del self._groups[group.object_id], self._members[group.object_id]

    def disable(self, person: Person) -> None:
        self._disabled.add(person.object_id)

    async def find(self, who: str) -> Group | None:
        await self._begin("find")
        with self.faults.around("find"):
            wanted = who.strip().lower()
            if wanted in self._groups:
                return self._groups[wanted]
            named = [one for one in self._groups.values() if one.name.lower() == wanted]
            if len(named) > 1:
                raise Rejected("fake", f"several groups are called {who!r}: use an object ID")
            return named[0] if named else None

    async def memberships(self, person_id: str, group_ids: Sequence[str]) -> frozenset[str]:
        await self._begin("memberships")
        with self.faults.around("memberships"):
            return frozenset(
                each for each in group_ids if person_id.lower() in self._all(each.lower())
            )

    async def members(self, group_id: str, most: int) -> tuple[Person, ...]:
        await self._begin("members")
        with self.faults.around("members"):
            found = self._all(group_id.lower())
            enabled = sorted(found.keys() - self._disabled)
            return tuple(found[object_id] for object_id in enabled[:most])

    async def _begin(self, operation: str) -> None:
        self.calls.append(operation)
        await self.answering.wait()

    def _all(self, group_id: str) -> dict[str, Person]:
        """Return the people in a group and in the groups that it contains, by object ID."""
        found: dict[str, Person] = {}
        seen, left = set[str](), [group_id]
        while left:
            current = left.pop()
            if current in seen:
                continue
            seen.add(current)
            for member in self._members.get(current, {}).values():
                if isinstance(member, Person):
                    found[member.object_id] = member
                else:
                    left.append(member.object_id)
        return found


def _key(assignment: Assignment, name: str) -> tuple[str, str]:
    return assignment.scope.lower(), name.lower()
