"""Applies changes of the policy file while Latchkey runs, or reports why it can't."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from domain import policy_file
from domain.policy_file import PolicyFile
from domain.workflow import Change, Done, Move, Wait
from services.clock import Clock
from services.faults import Conflict, Fault
from services.policies import Policies
from services.policy_file.problems import PolicyFileError
from services.workflow.engine import Engine, Kind
from services.workflow.lanes import Lane
from services.workflow.workflows import Workflows

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=5)

Read = Callable[[bytes], Policies]
"""Parses a policy file's content; raises PolicyFileError."""


@dataclass(frozen=True, slots=True)
class FileSnapshot:
    """The file as it was last read; ``content`` is None if it can't be read."""

    digest: str
    content: bytes | None
    fault: str = ""


def look_at(path: Path) -> FileSnapshot:
    """Read a file; an unreadable file also gives a result."""
    try:
        content = path.read_bytes()
    except OSError as error:
        return FileSnapshot("", None, f"{path}: can't be read: {error.strerror}")
    return FileSnapshot(sha256(content).hexdigest(), content)


class PolicyWatch:
    """Polls the policy file; the rules in force change as a whole or not at all."""

    def __init__(
        self,
        path: Path,
        begun_with: FileSnapshot,
        read: Read,
        policies: Policies,
        workflows: Workflows,
        engine: Engine,
        clock: Clock,
        advance_soon: Callable[[str], None],
        follow: Callable[[], Awaitable[None]],
    ) -> None:
        """``begun_with`` is the content behind ``policies``; ``follow`` updates what uses them."""
        self._path = path
        self._read = read
        self._policies = policies
        self._workflows = workflows
        self._engine = engine
        self._clock = clock
        self._advance_soon = advance_soon
        self._follow = follow
        self._seen = begun_with
        self._judged = begun_with
        self._announced: FileSnapshot | None = None
        self._faults: tuple[str, ...] = ()

    def notes(self) -> Sequence[str]:
        """Return the errors of a changed file that isn't in force."""
        if not self._faults:
            return []
        return ["the policy file was rejected; the previous rules stay in force", *self._faults]

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Poll until cancelled; an error never stops the polling."""
        while True:
            await sleep(LOOK_EVERY.total_seconds())
            try:
                await self.check()
            except Fault as fault:
                log.warning("the policy file's change hasn't been recorded yet: %s", fault)
            except Exception:
                log.exception("checking the policy file failed")

    async def check(self) -> None:
        """Check once. A change counts once it is seen twice, as the file may be half written."""
        look = await asyncio.to_thread(look_at, self._path)
        is_settled, self._seen = look == self._seen, look
        if is_settled and look != self._judged:
            self._judge(look)
        if self._announced != self._judged:
            await self._record(self._judged)
            await self._follow()
            self._announced = self._judged

    def _judge(self, look: FileSnapshot) -> None:
        self._judged = look
        self._faults = self._adopt(look)
        if self._faults:
            lines = "\n".join(f"  {fault}" for fault in self._faults)
            log.error("the policy file was rejected; the previous rules stay in force:\n%s", lines)
        else:
            log.info("the policy file was reloaded: %s", look.digest)

    def _adopt(self, look: FileSnapshot) -> tuple[str, ...]:
        """Put a file's rules in force; returns its errors, if any."""
        if look.content is None:
            return (look.fault,)
        try:
            self._policies.adopt(self._read(look.content))
        except PolicyFileError as error:
            return tuple(error.faults)
        return ()

    async def _record(self, look: FileSnapshot) -> None:
        """Record the outcome for the audit channel; only one of several replicas does so."""
        while True:
            stored = await self._workflows.load_as(PolicyFile, policy_file.WORKFLOW_ID)
            change = self._change(look)
            if stored and stored.head == change.head:
                return
            try:
                if stored:
                    await self._engine.record(stored, change)
                else:
                    await self._engine.open(change)
            except Conflict:
                continue
            self._advance_soon(policy_file.WORKFLOW_ID)
            return

    def _change(self, look: FileSnapshot) -> Change[PolicyFile]:
        now = self._clock()
        if self._faults:
            return policy_file.refuse(look.digest, self._faults, now)
        return policy_file.adopt(look.digest, now)


class PolicyFileMoves(Kind[PolicyFile]):
    """The policy file's kind of workflow, which has no moves."""

    def next_move(self, head: PolicyFile, now: object) -> Move[str] | Wait | Done:  # noqa: ARG002 - part of the protocol
        return Done()

    def lane(self, effect: str) -> Lane:  # noqa: ARG002 - all are alike
        return Lane.REST

    def ends_at(self, head: PolicyFile) -> datetime | None:  # noqa: ARG002 - it ends no access
        return None

    async def perform(self, effect: str, head: PolicyFile) -> Change[PolicyFile]:
        raise ValueError(f"{effect} is not a move of {head.id}")

    def fail(self, effect: str, head: PolicyFile, fault: Fault) -> Change[PolicyFile]:
        raise ValueError(f"{effect} is not a move of {head.id}") from fault
