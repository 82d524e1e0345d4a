"""Erases names when an admin asks for it."""

from collections.abc import Callable
from datetime import datetime

from domain.erasure import erasure as rules
from domain.erasure.erasure import Erasure, Position, Stage
from domain.people import Actor
from domain.refusals.records import UnknownWorkflow
from domain.workflow import Change, Done, Move, Wait
from services.clock import Clock
from services.erasure.erasing import Erasing
from services.erasure.rows_without import ErasedPerson
from services.faults import Conflict, Fault, Unavailable
from services.people.admins import Admins
from services.workflow.engine import Engine, Kind
from services.workflow.lanes import Lane
from services.workflow.plan_answers import PlanAnswers
from services.workflow.workflows import Workflows

_MOST_TRIES = 3


class Erasures:
    """Begins to erase names, for admins."""

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        admins: Admins,
        answers: PlanAnswers,
        clock: Clock,
        advance_soon: Callable[[str], None],
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._admins = admins
        self._answers = answers
        self._clock = clock
        self._advance_soon = advance_soon

    async def begin(self, actor: Actor, person_id: str, erasure_id: str) -> Erasure:
        """Begin to erase a person's name; the same ID begins only once, for one person.

        Raises PlanCancelled if it was cancelled before it began, and UnknownWorkflow if it was
        begun for another person.
        """
        await self._admins.require(actor)
        for _ in range(_MOST_TRIES):
            begun = await self._find(erasure_id)
            if begun is None:
                confirmed = await self._answers.confirm(actor, erasure_id)
                beginning = rules.begin(erasure_id, person_id.lower(), actor, self._clock())
                try:
                    begun = (await self._engine.open(beginning, [confirmed])).head
                except Conflict:
                    continue  # it has begun, it was cancelled, or its answer has changed
            if begun.person_id != person_id.lower():
                raise UnknownWorkflow
            self._advance_soon(erasure_id)
            return begun
        raise Unavailable("Latchkey", f"{erasure_id} keeps changing", outcome_unknown=False)

    async def cancel(self, actor: Actor, erasure_id: str) -> Erasure | None:
        """Cancel an erasure; if it has begun, return it instead.

        Raises PlanCancelled if someone else cancelled it before.
        """
        await self._admins.require(actor)
        begun = await self._find(erasure_id)
        if begun or await self._answers.cancel(actor, erasure_id):
            return begun
        return await self._find(erasure_id)  # the answer that it has begun is stored with it

    async def _find(self, erasure_id: str) -> Erasure | None:
        stored = await self._workflows.load_as(Erasure, erasure_id)
        return stored.head if stored else None


class ErasureMoves(Kind[Erasure]):
    """The erasure's kind of workflow."""

    def __init__(self, erasing: Erasing, clock: Clock) -> None:
        self._erasing = erasing
        self._clock = clock

    def next_move(self, head: Erasure, now: datetime) -> Move[str] | Wait | Done:
        return rules.next_move(head, now)

    def lane(self, effect: str) -> Lane:  # noqa: ARG002 - all are alike
        return Lane.REST

    async def perform(self, effect: str, head: Erasure) -> Change[Erasure]:  # noqa: ARG002 - there is one
        """Erase from the next rows; what was erased in them before is found to be."""
        try:
            return await self._erase(head, ErasedPerson(head.person_id))
        except Conflict:
            cause = "somebody else changed a row"
            raise Unavailable("Latchkey", cause, outcome_unknown=False) from None

    async def _erase(self, head: Erasure, person: ErasedPerson) -> Change[Erasure]:
        at = head.position
        match at.stage:
            case Stage.WORKFLOWS:
                found, at = await self._erasing.erase_rows(at, person)
            case Stage.FIGURES:
                found, day = await self._erasing.erase_figures(at.day, person)
                at = Position(stage=Stage.FIGURES if day else Stage.OTHERS, day=day)
            case Stage.OTHERS:
                await self._erasing.erase_others(person)
                return rules.finish_pass(head, self._clock())
        return rules.go_on(head, at, found, self._clock())

    def fail(self, effect: str, head: Erasure, fault: Fault) -> Change[Erasure]:  # noqa: ARG002 - all are alike
        return rules.postpone(head, self._clock())
