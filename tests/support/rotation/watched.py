"""Issuers and moves that a test watches, and trips."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from domain.reasons import Reason
from domain.rotation.rotation import RemainingCredential, Rotation, RotationEffect
from domain.secrets import SecretValue
from domain.workflow import Change, Done, Move, Wait
from services.faults import Fault
from services.rotation.issuers.issuer import Issued, Issuer, IssuerKind, Preview
from services.rotation.issuers.options import Options
from services.rotation.moves import RotationMoves
from services.rotation.secret_versions import Version
from services.workflow.engine import Kind
from services.workflow.lanes import Lane
from tests.support.fault_queue import FaultQueue


class WatchedIssuer:
    """Wraps an issuer to record its calls and inject faults."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self.faults = FaultQueue()
        self.calls: list[str] = []
        self.values: list[str] = []
        """All issued values, whether or not they are still in use."""
        self.withdrawn_for: list[SecretValue | None] = []
        """The old values passed to withdrawals."""

    @property
    def kind(self) -> IssuerKind:
        return self._issuer.kind

    async def reach(self, options: Options) -> None:
        await self._issuer.reach(options)

    async def prepare(self, rotation: Rotation, old: Version, value: SecretValue) -> str:
        with self._around("prepare", rotation):
            return await self._issuer.prepare(rotation, old, value)

    async def issue(self, rotation: Rotation) -> Issued:
        with self._around("issue", rotation):
            issued = await self._issuer.issue(rotation)
            self.values.append(issued.value.reveal())
            return issued

    async def is_alive(self, rotation: Rotation, credential: str, value: SecretValue) -> bool:
        with self._around("is_alive", rotation):
            return await self._issuer.is_alive(rotation, credential, value)

    async def test_value(self, rotation: Rotation, value: SecretValue) -> Reason | None:
        with self._around("try_out", rotation):
            return await self._issuer.test_value(rotation, value)

    async def preview(self, rotation: Rotation, old: Version, value: SecretValue) -> Preview:
        return await self._issuer.preview(rotation, old, value)

    async def remaining(self, rotation: Rotation) -> tuple[RemainingCredential, ...]:
        with self._around("remaining", rotation):
            return await self._issuer.remaining(rotation)

    async def withdraw(self, rotation: Rotation, old: SecretValue | None) -> None:
        with self._around("withdraw", rotation):
            self.withdrawn_for.append(old)
            await self._issuer.withdraw(rotation, old)

    async def changed_for_others(self, rotation: Rotation) -> Reason | None:
        return await self._issuer.changed_for_others(rotation)

    async def retire(self, rotation: Rotation) -> None:
        with self._around("retire", rotation):
            await self._issuer.retire(rotation)

    def _around(self, operation: str, rotation: Rotation) -> AbstractContextManager[None]:
        self.calls.append(f"{rotation.id} {operation}")
        return self.faults.around(operation)


class WatchedMoves(Kind[Rotation]):
    """The moves of rotations; says which step begins: ``perform write``, ``undo write``, …."""

    def __init__(self, moves: RotationMoves, begins: Callable[[str], None]) -> None:
        self._moves = moves
        self._begins = begins

    def next_move(self, head: Rotation, now: datetime) -> Move[str] | Wait | Done:
        return self._moves.next_move(head, now)

    def lane(self, effect: str) -> Lane:
        return self._moves.lane(effect)

    def only_records(self, effect: str) -> bool:
        return self._moves.only_records(effect)

    def ends_at(self, head: Rotation) -> datetime | None:
        return self._moves.ends_at(head)

    async def perform(self, effect: str, head: Rotation) -> Change[Rotation]:
        if effect in {RotationEffect.PERFORM, RotationEffect.UNDO}:
            self._begins(f"{effect} {head.step}")
        return await self._moves.perform(effect, head)

    def fail(self, effect: str, head: Rotation, fault: Fault) -> Change[Rotation]:
        return self._moves.fail(effect, head, fault)

    def interrupted(self, head: Rotation, at: datetime) -> Rotation:
        return self._moves.interrupted(head, at)

    def alarm_at(self, head: Rotation) -> datetime | None:
        return self._moves.alarm_at(head)
