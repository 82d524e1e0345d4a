"""Compares Azure with the leases in both directions, at startup and every hour.

An assignment of ours without a lease is an orphan and is removed. This only needs Azure, so it
works even if the tables were lost. A request whose assignment someone else removed is closed.
Assignments that Latchkey didn't create are never touched.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime

from domain.access.assignment import is_described_as_ours, is_within
from domain.access.request import OVER, Request, RequestState
from domain.access.transitions import changes as access_changes
from domain.drill.drill import Drill
from domain.reconciliation import reconciliation as rules
from domain.reconciliation.orphan import OVER as OVER_ORPHANS
from domain.reconciliation.orphan import Orphan
from domain.reconciliation.reconciliation import (
    SETTLED_AFTER,
    Reconciliation,
    ReconciliationEffect,
    ReconciliationState,
)
from domain.workflow import Change, Done, Move, Wait
from services.access.granting.leases import Lease, Leases
from services.clock import Clock
from services.faults import Conflict, Fault
from services.policies import Policies
from services.ports import AssignmentFacts, Assignments
from services.workflow.codec import Head, Unreadable
from services.workflow.engine import Engine, Kind
from services.workflow.lanes import Lane
from services.workflow.workflows import Workflows

log = logging.getLogger(__name__)

RECONCILIATION = "reconcile"
"""The ID of a deployment's only reconciliation."""


class Reconcile(Kind[Reconciliation]):
    """The reconciliation's kind of workflow, and its start at every startup."""

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        policies: Policies,
        leases: Leases,
        assignments: Assignments,
        clock: Clock,
        advance_soon: Callable[[str], None],
        take_away: Callable[[AssignmentFacts], Awaitable[None]],
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._policies = policies
        self._leases = leases
        self._assignments = assignments
        self._clock = clock
        self._advance_soon = advance_soon
        self._take_away = take_away

    async def begin(self) -> None:
        """Start a round unless one is running; only one of several replicas does so."""
        now = self._clock()
        stored = await self._workflows.load_as(Reconciliation, RECONCILIATION)
        try:
            if stored is None:
                await self._engine.open(
                    Change(
                        Reconciliation(
                            id=RECONCILIATION, state=ReconciliationState.WAITING, next_at=now
                        )
                    )
                )
            elif not stored.head.scopes:
                await self._engine.record(stored, Change(replace(stored.head, next_at=now)))
            else:
                return
        except Conflict:
            log.info("another replica is reconciling")
            return
        self._advance_soon(RECONCILIATION)

    async def find(self) -> Reconciliation | None:
        """Return the state of the reconciliation; None before the first round."""
        stored = await self._workflows.load_as(Reconciliation, RECONCILIATION)
        return stored.head if stored else None

    def next_move(self, head: Reconciliation, now: datetime) -> Move[str] | Wait | Done:
        return rules.next_move(head, now)

    def lane(self, effect: str) -> Lane:  # noqa: ARG002 - all are alike
        return Lane.REST

    async def perform(self, effect: str, head: Reconciliation) -> Change[Reconciliation]:
        if ReconciliationEffect(effect) is ReconciliationEffect.BEGIN:
            await self._leases.tidy()
            scopes = self._governed(await self._leases.all())
            return Change(rules.begin(head, scopes, self._clock()))
        unsettled = await self._look(head.scopes[0])
        return Change(rules.look(head, self._clock(), unsettled=unsettled))

    def fail(self, effect: str, head: Reconciliation, fault: Fault) -> Change[Reconciliation]:
        """Skip a scope that can't be checked, or start the round later."""
        if effect == ReconciliationEffect.LOOK:
            return Change(rules.skip(head, fault.cause, self._clock()))
        return Change(replace(head, next_at=self._clock() + rules.SOONER))

    def _governed(self, leases: Iterable[Lease]) -> list[str]:
        """List the scopes to check: the vaults of all policies, and all leased scopes."""
        vaults = [self._policies.defaults.vault, *(one.vault for one in self._policies.all())]
        governed = {vault.resource_id.lower(): vault.resource_id for vault in vaults}
        for lease in leases:
            scope = lease.assignment.scope
            if not any(is_within(scope, one) for one in governed):
                governed[scope.lower()] = scope
        return sorted(governed.values())

    async def _look(self, scope: str) -> bool:
        """Compare both ways; True if something is too new to judge."""
        existing = await self._assignments.list_ours(scope)
        leases = await self._live(
            one for one in await self._leases.all() if is_within(one.assignment.scope, scope)
        )
        await self._close_missing(leases, {facts.assignment.id for facts in existing})
        held = {lease.assignment.id for lease in leases}
        unsettled = False
        for facts in existing:
            if facts.assignment.id in held or not is_described_as_ours(facts.description):
                continue
            if self._is_young(facts.created_at):
                unsettled = True
            else:
                await self._take_away(facts)
        return unsettled

    async def _live(self, leases: Iterable[Lease]) -> list[Lease]:
        """Leave out the leases that only ended workflows hold, which nobody ends, and end them.

        A try that was under way when its grant ended may have left one.
        """
        found = list(leases)
        heads = await self._workflows.load_readable(
            [one for lease in found for one in lease.workflows]
        )
        over = {one for one, stored in heads.items() if stored is None or _is_over(stored.head)}
        for lease in found:
            for one in over.intersection(lease.workflows):
                log.warning("%s: its lease outlived it and is ended", one)
                await self._leases.abandon(lease.assignment, one)
        return [one for one in found if not one.workflows or not over.issuperset(one.workflows)]

    async def _close_missing(self, leases: Iterable[Lease], existing: set[str]) -> None:
        for lease in leases:
            if lease.deleting or lease.assignment.id in existing:
                continue
            for holder in lease.holders:
                await self._close_if_missing(holder, lease)

    async def _close_if_missing(self, request_id: str, lease: Lease) -> None:
        """Close an active request after reading its assignment from Azure once more."""
        try:
            stored = await self._workflows.load_as(Request, request_id)
        except Unreadable as error:
            log.warning("%s is left to a version that can read it: %s", request_id, error)
            return
        if stored is None or stored.head.state is not RequestState.ACTIVE:
            return
        if self._is_young(stored.head.granted.granted_at):
            return
        if await self._assignments.read(lease.assignment) is not None:
            return
        closed = access_changes.close_missing(stored.head, lease.assignment, self._clock())
        try:
            await self._engine.record(stored, closed)
        except Conflict:
            return  # it changed meanwhile; the next round checks again
        self._advance_soon(request_id)

    def _is_young(self, since: datetime | None) -> bool:
        return since is not None and self._clock() - since < SETTLED_AFTER


def _is_over(head: Head) -> bool:
    match head:
        case Request():
            return head.state in OVER
        case Orphan():
            return head.state in OVER_ORPHANS
        case Drill():
            return head.is_over
        case _:
            return False
