"""Replicas of Latchkey for tests, composed as in production, and the world that outlives them."""

import itertools
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from opentelemetry.metrics import NoOpMeter

from composition.access import compose_access
from composition.core import Core, compose_core
from composition.drills import compose_drills
from composition.ports import AccessPorts
from composition.telemetry import Telemetry
from domain.access.request import AccessEvent, Request, RequestDraft
from domain.access.target import Target
from domain.people import Actor
from domain.workflow import Event
from services.access.granting.leases import Leases
from services.access.granting.moves import Rotate
from services.access.reads.read_log import ReadLog
from services.drill.canary import Canary
from services.operations.stuck import Stuck
from services.people.admins import Admins
from services.people.directory import Directory
from services.people.groups import GroupMemberships
from services.people.principals import NamedPrincipals
from services.policies import Policies
from services.storage import keys
from services.storage.table import Replace, Table, Value
from services.workflow import codec
from services.workflow.due.agenda import due_row
from services.workflow.version import HANDLES
from services.workflow.workflows import LISTS, Snapshot
from tests.support.azure_fakes import (
    FakeAssignments,
    FakeGroups,
    FakePeople,
    FakeSecrets,
    FakeStandingRoles,
    FakeVaultControls,
)
from tests.support.builders import (
    ADA,
    CY,
    DANA,
    EVERYONE,
    HOUR,
    OTHER_SECRET,
    SECRET,
    VAULT,
    email_of,
    in_directory,
    policies,
)
from tests.support.clock import ManualClock
from tests.support.crashing_fakes import CrashingAssignments, CrashingMessageSender
from tests.support.fake_message_sender import FakeMessageSender
from tests.support.salts import a_salt
from tests.support.tables.crashing_table import Crash, CrashingTable
from tests.support.tables.memory_table import MemoryTable
from tests.support.tables.watched_table import WatchedTable

_ROUNDS = 50
_numbers = itertools.count(1)


class World:
    """Everything that outlives a process: the table, Azure, Teams and the clock."""

    def __init__(self, table: Table | None = None, rules: Policies | None = None) -> None:
        self.clock = ManualClock()
        self.store = table or MemoryTable()
        self.table = WatchedTable(self.store)
        self.policies = rules or policies()
        self.controls = FakeVaultControls()
        self.assignments = FakeAssignments(self.clock, self.controls)
        self.standing = FakeStandingRoles(self.assignments)
        self.reads: ReadLog | None = None
        """The vaults' log, if they send one."""
        self.secrets = FakeSecrets()
        for secret in (SECRET, OTHER_SECRET):
            self.secrets.put(VAULT, secret)
        self.people = FakePeople(*(in_directory(person) for person in EVERYONE))
        self.message_sender = FakeMessageSender()
        self.groups = FakeGroups()
        self.admins: tuple[Actor, ...] = (CY,)
        self.administered_by: tuple[str, ...] = ()
        """The admins as configured, instead of ``admins``."""
        self.handles = HANDLES
        self.canary: Canary | None = None
        self.drill_cron = ""
        self.lands_after: timedelta | None = None
        """How long after the crash a change lands that the process was about to send."""

    async def leases(self) -> list[str]:
        """Return the assignments that exist or are being deleted."""
        return [lease.assignment.id for lease in await Leases(self.table, self.clock).all()]

    async def queued(self) -> list[str]:
        """Return the rows of the agenda, the outbox and the stuck and needs-a-human lists."""
        queues = (keys.AGENDA, keys.OUTBOX, *LISTS)
        rows = [
            await self.table.range(shard, f"{queue}~", f"{queue}~~")
            for shard in keys.SHARDS
            for queue in queues
        ]
        return [row.key for found in rows for row in found]

    async def next_due(self) -> datetime | None:
        """Return when a queue's next row is due or its claim expires."""
        rows = [
            due_row(row)
            for shard in keys.SHARDS
            for queue in (keys.AGENDA, keys.OUTBOX)
            for row in await self.store.range(shard, f"{queue}~", f"{queue}~~")
        ]
        return min((max(row.due, row.claimed_until or row.due) for row in rows), default=None)

    async def listed(self) -> list[str]:
        """Return the rows of everyone's lists."""
        rows = [
            await self.table.range(f"person-{person.object_id}", "", "~~") for person in EVERYONE
        ]
        return [
            f"{row.partition} {row.key}"
            for found in rows
            for row in found
            if not row.key.startswith("before~")
        ]

    async def garble(self, workflow_id: str) -> Callable[[], Awaitable[None]]:
        """Make a head look as if written by a newer Latchkey; return a function to undo it."""
        key = keys.head_key(workflow_id)

        async def write(values: Mapping[str, Value]) -> None:
            row = await self.table.get(keys.shard_of(workflow_id), key)
            assert row is not None
            await self.table.transact(row.partition, [Replace(key, values, row.etag)])

        before = await self.table.get(keys.shard_of(workflow_id), key)
        assert before is not None
        await write({**before.values, "schema": codec.SCHEMA + 1})
        return lambda: write(before.values)


class Replica:
    """One replica of Latchkey, running until its crash."""

    def __init__(self, world: World, crash: Crash | None = None) -> None:
        self.world = world
        self.clock = world.clock
        self.crash = crash or Crash()
        directory = Directory([world.people], world.clock)
        principals = NamedPrincipals(directory, GroupMemberships(world.groups, world.clock))
        core = compose_core(
            world.policies,
            directory,
            principals,
            Admins(
                directory,
                principals,
                world.administered_by or [email_of(admin) for admin in world.admins],
                lambda: world.policies.defaults.notify_members,
            ),
            CrashingTable(world.table, self.crash),
            CrashingMessageSender(world.message_sender, self.crash),
            Telemetry(NoOpMeter("tests"), None),
            world.clock,
            _middle,
            a_salt,
            f"replica-{next(_numbers)}",
            world.handles,
        )
        self.core = core
        self.workflows = core.workflows
        self.messages = core.messages
        self.agenda = core.agenda
        self.outbox = core.outbox
        self.quarantine = core.quarantine
        self.index = core.index
        self.engine = core.engine
        self.announcer = core.announcer
        self.worker = core.worker
        self.stuck = Stuck(core.workflows, core.attention, core.clock)
        ports = AccessPorts(
            secrets=world.secrets,
            assignments=CrashingAssignments(world.assignments, self.crash, world.lands_after),
            controls=world.controls,
            standing=world.standing,
            reads=self.world.reads,
        )
        access = compose_access(core, ports, self._rotate_after_grant(core))
        self.access = access.access
        self.approvers = access.approvers
        self.following = access.following
        self.extensions = access.extensions
        self.reminders = access.reminders
        self.reviews = access.reviews
        self.endings = access.endings
        self.overdue = access.overdue
        self.listings = access.listings
        self.leases = access.leases
        self.access_moves = access.moves
        self.reconcile = access.reconcile
        self.revocability = access.revocability
        self.offers = access.offers
        self.drills = compose_drills(core, access, world.canary, world.drill_cron)

    def _rotate_after_grant(self, core: Core) -> Rotate:
        """Compose the service that rotates secrets after grants."""
        return _no_rotation

    async def tick(self) -> None:
        """Finish any work that was kicked off, then do everything that is due."""
        await self.worker.idle()
        await self.worker.run_once()

    async def settle(self) -> None:
        """Tick until nothing is due; rows claimed by a dead replica wait until they are due."""
        await self._settle()

    async def pass_time(self, by: timedelta) -> None:
        """Advance the clock, with a tick each time something is due."""
        end = self.clock() + by
        while (due := await self._settle()) and due <= end:
            self.clock.advance_to(due)
        self.clock.advance_to(end)

    async def ask(self, actor: Actor = DANA, request_id: str = "req-one", **draft: Any) -> Request:
        """Submit a request; by default for the usual secret and one hour."""
        return await self.access.submit(actor, a_draft(request_id, **draft))

    async def approve(self, actor: Actor = ADA, request_id: str = "req-one") -> Request:
        return await self.access.approve(actor, request_id)

    async def deny(self, actor: Actor = ADA, request_id: str = "req-one") -> Request:
        return await self.access.deny(actor, request_id, "not today")

    async def give(self, actor: Actor = DANA, request_id: str = "req-one", **draft: Any) -> Request:
        """Request and approve access, and wait until the request is active."""
        await self.ask(actor, request_id, **draft)
        await self.settle()
        await self.approve(request_id=request_id)
        await self.settle()
        return await self.request(request_id)

    async def snapshot(self, request_id: str = "req-one") -> Snapshot:
        found = await self.workflows.snapshot(request_id)
        assert found is not None
        return found

    async def request(self, request_id: str = "req-one") -> Request:
        head = (await self.snapshot(request_id)).stored.head
        assert isinstance(head, Request)
        return head

    async def events(self, request_id: str = "req-one") -> list[Event]:
        return list((await self.snapshot(request_id)).events)

    async def event_kinds(self, request_id: str = "req-one") -> list[str]:
        return [str(event.kind) for event in await self.events(request_id)]

    async def _settle(self) -> datetime | None:
        """Tick until nothing is due, and return when something will be."""
        for _ in range(_ROUNDS):
            await self.tick()
            self.crash.require_alive()
            due = await self.world.next_due()
            if due is None or due > self.clock():
                return due
        raise AssertionError("there is always something due")


def a_draft(request_id: str = "req-one", secret: str = SECRET, **changes: Any) -> RequestDraft:
    """Draft a request; ``secrets`` makes it for several."""
    draft = RequestDraft(
        request_id=request_id,
        secrets=(secret,),
        window=HOUR,
        justification="Smoke test, CHG-4711",
        asked_in="19:general@thread.tacv2",
    )
    return replace(draft, **changes)


def without_caution(kinds: Iterable[str]) -> list[str]:
    """Leave out events about requests that may still be in flight, which a crash causes."""
    return [kind for kind in kinds if kind not in {AccessEvent.WATCHED, AccessEvent.GAVE_UP}]


async def _no_rotation(request: Request, target: Target) -> None:
    raise AssertionError(f"{request.id}: nothing rotates {target.secret} here")


def _middle() -> float:
    """Jitter without randomness."""
    return 0.5
