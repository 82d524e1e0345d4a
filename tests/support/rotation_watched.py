"""Issuers and steps that a test observes and makes fail."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from domain.rotation.rotation import RemainingCredential, Rotation, Step
from domain.secrets import SecretValue
from services.rotation.ports import Foreseen, Issued, Issuer, Version
from services.rotation.step import RotationStep, StepOutcome
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

    async def try_out(self, rotation: Rotation, value: SecretValue) -> str:
        with self._around("try_out", rotation):
            return await self._issuer.try_out(rotation, value)

    async def foresee(self, rotation: Rotation, old: Version, value: SecretValue) -> Foreseen:
        return await self._issuer.foresee(rotation, old, value)

    async def remaining(self, rotation: Rotation) -> tuple[RemainingCredential, ...]:
        return await self._issuer.remaining(rotation)

    async def withdraw(self, rotation: Rotation, old: SecretValue | None) -> None:
        with self._around("withdraw", rotation):
            self.withdrawn_for.append(old)
            await self._issuer.withdraw(rotation, old)

    async def retire(self, rotation: Rotation) -> None:
        with self._around("retire", rotation):
            await self._issuer.retire(rotation)

    def _around(self, operation: str, rotation: Rotation) -> AbstractContextManager[None]:
        self.calls.append(f"{rotation.id} {operation}")
        return self.faults.around(operation)


class WatchedStep:
    """Wraps a step to report when it begins: ``perform write``, ``undo write`` and so on."""

    def __init__(self, name: Step, step: RotationStep, begins: Callable[[str], None]) -> None:
        self._name = name
        self._step = step
        self._begins = begins

    async def probe(self, rotation: Rotation) -> StepOutcome | None:
        self._begins(f"perform {self._name}")
        return await self._step.probe(rotation)

    async def perform(self, rotation: Rotation) -> StepOutcome:
        return await self._step.perform(rotation)

    async def undo(self, rotation: Rotation) -> StepOutcome:
        self._begins(f"undo {self._name}")
        return await self._step.undo(rotation)
