"""An admin's answer about a policy file that waits."""

from collections.abc import Awaitable, Callable

from domain.people import Actor
from domain.policy_file import changes
from domain.policy_file.answers import require_waiting
from domain.policy_file.file import WORKFLOW_ID, PolicyFile
from domain.refusals.policy_files import PolicyFileReplaced
from domain.workflow import Change
from services.clock import Clock
from services.faults import Conflict
from services.people.admins import Admins
from services.workflow.engine import Engine
from services.workflow.workflows import Workflows

_Answer = Callable[[PolicyFile], Change[PolicyFile]]


class PolicyFileAnswers:
    """Accepts or rejects the file that waits, once; refusals are raised."""

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        admins: Admins,
        clock: Clock,
        advance_soon: Callable[[str], None],
        keep_up_soon: Callable[[], Awaitable[None]],
    ) -> None:
        """``keep_up_soon`` puts in force on this replica what was recorded."""
        self._workflows = workflows
        self._engine = engine
        self._admins = admins
        self._clock = clock
        self._advance_soon = advance_soon
        self._keep_up_soon = keep_up_soon

    async def accept(self, actor: Actor, digest: str) -> None:
        """Put the file with this digest in force; raises if it doesn't wait any more."""
        await self._answer(actor, digest, lambda one: changes.accept(one, actor, self._clock()))

    async def reject(self, actor: Actor, digest: str) -> None:
        """Reject the file with this digest; raises if it doesn't wait any more."""
        await self._answer(actor, digest, lambda one: changes.reject(one, actor, self._clock()))

    async def _answer(self, actor: Actor, digest: str, change: _Answer) -> None:
        """Answer if this person is an admin by the variables, which no policy file changes."""
        while stored := await self._workflows.load_as(PolicyFile, WORKFLOW_ID):
            require_waiting(stored.head, digest)
            await self._admins.require_yes_of(actor)
            try:
                await self._engine.record(stored, change(stored.head))
            except Conflict:
                continue
            self._advance_soon(WORKFLOW_ID)
            await self._keep_up_soon()
            return
        raise PolicyFileReplaced
