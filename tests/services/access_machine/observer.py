"""A direct view of Azure and the table, bypassing Latchkey."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.access.request import Request, RequestState
from domain.audit.evidence import Verdict
from domain.people import Actor
from domain.workflow import Event
from services.access.granting.leases import Leases
from services.access.listings import Listings
from services.people.admins import Admins
from services.people.deciding_groups import DecidingGroups
from services.people.directory import Directory
from services.people.groups import GroupMemberships
from services.people.principals import NamedPrincipals
from services.people.sight import Sight
from services.ports import AssignmentFacts
from services.storage import keys
from services.workflow.due.agenda import Agenda
from services.workflow.lists.index import Index
from services.workflow.workflows import Workflows
from tests.services.access_machine.actions import EVERYBODY
from tests.services.access_machine.stores import Store
from tests.support.clock import NINE
from tests.support.replica import World
from tests.support.salts import a_salt
from tests.support.tables.memory_table import MemoryTable

OPEN = frozenset(
    {RequestState.GRANTING, RequestState.ACTIVE, RequestState.REVOKING, RequestState.STUCK}
)
_MANY = 100
_END_OF_TIME = NINE.replace(year=NINE.year + 1)


@dataclass(frozen=True, slots=True)
class Life:
    """A request in the table: its head, its events with hashes, and the verdict on its chain."""

    request: Request
    events: Sequence[Event]
    hashes: Sequence[str]
    verdict: Verdict

    @property
    def is_open(self) -> bool:
        """Whether an assignment exists, or may exist, because of it."""
        return self.request.state in OPEN

    def of_kind(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything at one instant."""

    now: datetime
    lives: Sequence[Life]
    ours: Mapping[str, AssignmentFacts]
    """The assignments with our IDs, by ID."""
    others: Mapping[str, AssignmentFacts]
    leases: frozenset[str]
    """The IDs of the assignments that have a lease row."""
    on_agenda: frozenset[str]
    """The workflows that will be worked on."""
    in_outbox: frozenset[str]
    """The workflows with pending announcements."""
    asked_by: Mapping[Actor, set[str]]
    waiting_for: Mapping[Actor, set[str]]

    def open_on(self, assignment_id: str) -> list[Life]:
        """Return the requests that an assignment may exist for."""
        return [
            life
            for life in self.lives
            if life.is_open and assignment_id in {one.id for one in life.request.assignments}
        ]


async def look(world: World, store: Store, request_ids: Sequence[str]) -> Seen:
    """Read everything from a copy, so that reading changes nothing."""
    copy = MemoryTable(await store.rows())
    workflows = Workflows(copy, a_salt)
    lives = [life for one in request_ids if (life := await _life(workflows, one))]
    existing = world.assignments.by_name()
    agenda = await Agenda(copy, keys.AGENDA).due(_END_OF_TIME, _MANY)
    outbox = await Agenda(copy, keys.OUTBOX).due(_END_OF_TIME, _MANY)
    directory = Directory([], world.clock)
    principals = NamedPrincipals(directory, GroupMemberships(world.groups, world.clock))
    admins = Admins(directory, principals, (), lambda: 0)
    groups = DecidingGroups(principals, world.policies)
    sight = Sight(admins, groups)
    listings = Listings(workflows, Index(copy), admins, sight, groups, world.clock)
    return Seen(
        now=world.clock(),
        lives=lives,
        ours={name: one for name, one in existing.items() if name == one.assignment.id},
        others={name: one for name, one in existing.items() if name != one.assignment.id},
        leases=frozenset(lease.assignment.id for lease in await Leases(copy, world.clock).all()),
        on_agenda=frozenset(row.workflow_id for row in agenda),
        in_outbox=frozenset(row.workflow_id for row in outbox),
        asked_by={who: _ids((await listings.mine(who, _MANY)).requests) for who in EVERYBODY},
        waiting_for={
            who: _ids((await listings.to_decide(who, _MANY)).requests) for who in EVERYBODY
        },
    )


async def next_due(store: Store) -> datetime | None:
    """Return when something is next due in either queue; None if both are empty."""
    copy = MemoryTable(await store.rows())
    queues = [Agenda(copy, keys.AGENDA), Agenda(copy, keys.OUTBOX)]
    rows = [row for queue in queues for row in await queue.due(_END_OF_TIME, _MANY)]
    return min((max(row.due, row.claimed_until or row.due) for row in rows), default=None)


async def _life(workflows: Workflows, request_id: str) -> Life | None:
    snapshot = await workflows.snapshot(request_id)
    trail = await workflows.trail(request_id)
    if snapshot is None or trail is None:
        return None  # submitted by a process that died before storing it
    head = snapshot.stored.head
    assert isinstance(head, Request)
    return Life(head, snapshot.events, snapshot.hashes, trail.verify())


def _ids(requests: Sequence[Request]) -> set[str]:
    return {request.id for request in requests}
