"""Applies changes of the policy file while Latchkey runs, or reports why it can't."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from domain.phrases import Phrase, phrase
from domain.policy_file.file import PolicyFile, PolicyFileState
from domain.workflow import Change, Done, Move, Wait
from services.faults import Fault, described
from services.policies import Policies
from services.policy_file.in_force import Read, RulesInForce
from services.policy_file.problems import PolicyFileError
from services.policy_file.proposals import Proposal, Proposals
from services.policy_file.snapshot import FileSnapshot, look_at
from services.workflow.engine import Kind
from services.workflow.lanes import Lane

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=5)
START_WITHIN = timedelta(seconds=5)
"""How long a start waits for the table to say which rules are in force."""

_REJECTED = phrase("the policy file was rejected; the previous rules stay in force")
_WITHHELD = phrase("it can't be said which policy file is accepted, so nothing can be requested")
_WAITS = phrase(
    "the policy file waits for an admin to accept it; what it takes away already applies"
)
_EARLIER_WAITS = phrase(
    "the policy file before it waits for an admin to accept it; what it takes away already applies"
)
_REJECTED_BY_ADMIN = phrase("an admin rejected the policy file; the previous rules stay in force")
_OTHER = phrase("this replica's policy file isn't the accepted one, which is in force")


class PolicyWatch:
    """Polls the policy file and its record; the rules in force change as a whole."""

    def __init__(
        self,
        path: Path,
        begun_with: FileSnapshot,
        read: Read,
        in_force: RulesInForce,
        proposals: Proposals,
        follow: Callable[[], Awaitable[None]],
    ) -> None:
        """``begun_with`` is the file at the start; ``follow`` updates what uses the rules."""
        self._path = path
        self._read = read
        self._in_force = in_force
        self._proposals = proposals
        self._follow = follow
        self._seen = begun_with
        self._judged: FileSnapshot | None = None
        self._faults: tuple[str, ...] = ()
        self._is_to_follow = True

    def notes(self) -> Sequence[Phrase]:
        """Say why the changed file isn't in force, if it isn't; its errors are in English."""
        head = self._in_force.head
        if self._faults:
            waits = [_EARLIER_WAITS] if head and head.waits else []
            return [_REJECTED, *(phrase("{fault}", fault=one) for one in self._faults), *waits]
        if self._in_force.is_withheld:
            return [_WITHHELD]
        if head and head.waits:
            return [_WAITS]
        if head is None or not head.four_eyes or self._judged is None:
            return []
        if self._judged.digest == head.in_force:
            return []
        if head.state is PolicyFileState.REJECTED and self._judged.digest == head.digest:
            return [_REJECTED_BY_ADMIN]
        return [_OTHER]

    async def begin(self) -> None:
        """Find out which rules are in force; until the table says so, nothing is allowed."""
        try:
            async with asyncio.timeout(START_WITHIN.total_seconds()):
                await self._in_force.keep_up()
        except (Fault, TimeoutError) as fault:
            # At the very first start there is no table yet; it's made right after this.
            log.info(
                "the table doesn't say yet which policy file is accepted: %s", described(fault)
            )
            self._in_force.withhold()

    async def keep_up(self) -> None:
        """Put in force what is recorded, and update what uses it; if that fails, it's due again."""
        changed = await self._in_force.keep_up()
        self._is_to_follow = self._is_to_follow or changed
        if self._is_to_follow:
            await self._follow()
            self._is_to_follow = False

    async def keep_up_soon(self) -> None:
        """Put in force at once what was just recorded; if that fails, the polling does it."""
        with suppress(Fault):
            await self.keep_up()

    async def settle(self) -> None:
        """Put in force what is recorded; raises a Fault until that is known."""
        await self._in_force.keep_up()

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
        if self._judged is None:
            await self._judge(self._seen)  # what it began with comes before any change of it
        look = await asyncio.to_thread(look_at, self._path)
        is_settled, self._seen = look == self._seen, look
        if is_settled and look != self._judged:
            await self._judge(look)
        await self.keep_up()
        if self._judged and self._in_force.head:
            await self._proposals.look_after(self._in_force.head, self._judged)

    async def _judge(self, look: FileSnapshot) -> None:
        """Record what becomes of a file; if that fails, it's judged again."""
        policies, faults = self._parse(look)
        proposal = Proposal(
            look, policies.in_force if policies else None, faults, at_start=self._judged is None
        )
        self._faults = await self._proposals.make(proposal)
        self._judged = look
        if policies and not self._faults:
            self._in_force.use(policies)
            log.info("the policy file was read: %s", look.digest)
            return
        lines = "\n".join(f"  {fault}" for fault in self._faults)
        log.error("the policy file was rejected; the previous rules stay in force:\n%s", lines)

    def _parse(self, look: FileSnapshot) -> tuple[Policies | None, tuple[str, ...]]:
        """Return a file's rules, or its errors."""
        if look.content is None:
            return None, (look.fault,)
        try:
            return self._read(look.content), ()
        except PolicyFileError as error:
            return None, tuple(error.faults)


class PolicyFileMoves(Kind[PolicyFile]):
    """The policy file's kind of workflow, which has no moves."""

    def next_move(self, head: PolicyFile, now: object) -> Move[str] | Wait | Done:  # noqa: ARG002 - part of the protocol
        return Done()

    def lane(self, effect: str) -> Lane:  # noqa: ARG002 - all are alike
        return Lane.REST

    async def perform(self, effect: str, head: PolicyFile) -> Change[PolicyFile]:
        raise ValueError(f"{effect} is not a move of {head.id}")

    def fail(self, effect: str, head: PolicyFile, fault: Fault) -> Change[PolicyFile]:
        raise ValueError(f"{effect} is not a move of {head.id}") from fault
