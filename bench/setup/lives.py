"""Requests as they are stored after everything that led to them, made without a bot.

Each is written by the program's own rules, engine and announcer into a table of its own in memory;
the rows then go to the table service many at a time.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

import aiohttp
from opentelemetry.metrics import NoOpMeter

from bench.setup.ordered_rows import Json
from bench.setup.surroundings import Surroundings
from composition.clients import TABLE
from domain.access import request as rules
from domain.access.assignment import Assignment, description_start
from domain.access.request import Request, RequestState
from domain.access.target import Target
from domain.access.terms import Terms
from domain.access.transitions import changes, ends
from domain.announcement import Announcement
from domain.people import Actor
from domain.people import Person as Approver
from domain.workflow import Change, Done, Move, Wait
from sandbox import roles, seed
from sandbox.stored.assignments import StoredAssignment
from services.access.granting import lanes
from services.access.granting.leases import Leases
from services.faults import Fault
from services.storage import keys
from services.storage.table import Row
from services.workflow.announcing.announcer import Announcer
from services.workflow.announcing.announcer_claims import AnnouncerClaims
from services.workflow.codec import Head
from services.workflow.engine import Engine, Kind
from services.workflow.journal import Journal
from services.workflow.lanes import Lane
from services.workflow.lists.index import Index
from services.workflow.messages import MessageRef, Messages
from services.workflow.workflows import Workflows
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY
from tests.support.salts import a_salt
from tests.support.tables.memory_table import MemoryTable
from tests.support.teams import TENANT, Person

WINDOW = timedelta(hours=1)
_AT_ONCE = 500
_APPROVER = Actor(TENANT, AVERY.object_id, AVERY.name)


class Lives:
    """Makes requests that are open."""

    def __init__(self, around: Surroundings, people: Sequence[Person]) -> None:
        """Take who asks: each person for one request after the other."""
        self._around = around
        self._people = people
        self._numbers = count(1)
        self._rows: dict[tuple[str, str], Row] = {}

    async def add_pending(self, number: int, asked_at: datetime) -> None:
        """Add requests that wait for a decision."""
        for _ in range(number):
            life = _Life(self._around, asked_at)
            await life.open(self._asked(asked_at))
            self._keep(life)

    async def add_active(self, ends: Sequence[datetime]) -> dict[str, datetime]:
        """Add access that ends at these times, of as many people; Azure has it too.

        Returns when each assignment ends, by its name.
        """
        names: dict[str, datetime] = {}
        for number, end in enumerate(ends):
            life = _Life(self._around, end - WINDOW)
            request = self._asked(end - WINDOW, number)
            await life.open(request)
            await life.grant(request)
            self._keep(life)
            names |= {assignment.id: end for assignment in request.assignments}
        return names

    async def write(self) -> int:
        """Write all rows to the table service; return how many."""
        rows = [_row(each) for each in self._rows.values()]
        self._rows.clear()
        address = self._around.tables.partition("TableEndpoint=")[2].rstrip(";")
        async with aiohttp.ClientSession() as session:
            for start in range(0, len(rows), _AT_ONCE):
                body = json.dumps(rows[start : start + _AT_ONCE])
                async with session.post(f"{address}/$fill/{TABLE}", data=body) as answer:
                    answer.raise_for_status()
        return len(rows)

    def _asked(self, at: datetime, number: int | None = None) -> Request:
        counted = next(self._numbers)
        person = self._people[(counted if number is None else number) % len(self._people)]
        world = self._around.state.seed
        target = Target(
            secret=seed.DEMO_API_KEY,
            vault=seed.VAULT,
            vault_url=self._around.azure.base_url,
            role=roles.KEY_VAULT_SECRETS_USER.guid,
            scope=world.vault_scope(seed.VAULT),
            exposes=len(world.vaults[0].secrets),
        )
        approver = Approver(AVERY.object_id, AVERY.name, seed.AVERY.mail)
        return Request(
            id=f"req-{counted:012}",
            state=RequestState.PENDING,
            requester=Actor(TENANT, person.object_id, person.name),
            targets=(target,),
            justification="A benchmark",
            window=WINDOW,
            requested_at=at,
            lapses_at=at + timedelta(hours=8),
            terms=Terms(approvers=(approver,), min_approvals=1),
        )

    def _keep(self, life: "_Life") -> None:
        announced = f"{keys.OUTBOX}~"
        rows = [row for row in life.table.rows() if not row.key.startswith(announced)]
        self._rows |= {(row.partition, row.key): row for row in rows}


class _Life:
    """One request, and everything that is stored because of it."""

    def __init__(self, around: Surroundings, at: datetime) -> None:
        self.table = MemoryTable()
        self._around = around
        self._clock = ManualClock(at)
        workflows, index = Workflows(self.table, a_salt), Index(self.table)
        self._engine = Engine(workflows, self._clock, Journal(NoOpMeter("bench")), index)
        self._engine.register(Request, _Rules())
        self._announcer = Announcer(
            workflows,
            Messages(self.table),
            self._engine,
            _Delivered(around.outside.service_url),
            self._clock,
            AnnouncerClaims(self.table),
        )

    async def open(self, request: Request) -> None:
        """Store a request and announce it."""
        self._stored = await self._engine.open(changes.submit(request))
        await self._announce()

    async def grant(self, request: Request) -> None:
        """Approve it, grant it in Azure too, and warn of its end."""
        at = self._clock()
        await self._record(changes.approve(request, _APPROVER, at))
        for assignment in request.assignments:
            await Leases(self.table, self._clock).acquire(assignment, request.id)
            self._around.state.assignments.add(_in_azure(assignment, request, at))
        await self._record(changes.grant(self._stored.head, at, at))
        await self._record(ends.warn(self._stored.head, at))
        await self._announce()

    async def _record(self, change: Change[Request]) -> None:
        self._stored = await self._engine.record(self._stored, change)

    async def _announce(self) -> None:
        await self._announcer.deliver(self._stored.head.id)


class _Rules(Kind[Request]):
    """The rules of requests, for an engine that performs nothing."""

    def next_move(self, head: Request, now: datetime) -> Move[str] | Wait | Done:
        return rules.next_move(head, now)

    def lane(self, effect: str) -> Lane:
        return lanes.lane_of(effect)

    def ends_at(self, head: Request) -> datetime | None:
        return lanes.ends_at(head)

    async def perform(self, effect: str, head: Request) -> Change[Request]:
        raise NotImplementedError("lives are written; this engine is never told to advance")

    def fail(self, effect: str, head: Request, fault: Fault) -> Change[Request]:
        raise NotImplementedError("nothing is performed here, so nothing fails")


class _Delivered:
    """Teams, as far as what it answers is stored."""

    def __init__(self, service_url: str) -> None:
        self._service_url = service_url
        self._ids = count(1)

    async def post(
        self, announcement: Announcement, head: Head, thread: MessageRef | None
    ) -> MessageRef:
        conversation = thread.conversation_id if thread else f"a:{head.id}-{announcement.key}"
        return MessageRef(self._service_url, conversation, f"{head.id}-{next(self._ids)}")

    async def update(self, ref: MessageRef, announcement: Announcement, head: Head) -> bool:  # noqa: ARG002 - a sender's shape
        """Do nothing: the message is where it was."""
        return True


def _in_azure(assignment: Assignment, request: Request, at: datetime) -> StoredAssignment:
    return StoredAssignment(
        assignment.id,
        assignment.scope,
        assignment.principal_id,
        "User",
        roles.KEY_VAULT_SECRETS_USER,
        f"{description_start(request.id)} access",
        None,
        at,
        seed.BOT.id,
    )


def _row(row: Row) -> Json:
    return {"PartitionKey": row.partition, "RowKey": row.key, **row.values}
