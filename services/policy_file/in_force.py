"""Puts in force on this replica the rules that are recorded as such."""

import asyncio
import logging
from collections.abc import Callable

from domain.policies.held import held
from domain.policies.rule import Rules
from domain.policy_file.file import WORKFLOW_ID, PolicyFile
from services.policies import Policies
from services.policy_file.contents import Contents
from services.policy_file.problems import PolicyFileError
from services.workflow.codec import Unreadable
from services.workflow.workflows import Workflows

log = logging.getLogger(__name__)

Read = Callable[[bytes], Policies]
"""Parses a policy file's content; raises PolicyFileError."""


class RulesInForce:
    """With four eyes the record says which rules are in force, else this replica's own file."""

    def __init__(
        self, policies: Policies, read: Read, contents: Contents, workflows: Workflows
    ) -> None:
        self._policies = policies
        self._read = read
        self._contents = contents
        self._workflows = workflows
        self._own = policies.in_force
        self._in_force: object = self._own
        self._is_settled = False
        self._one_at_a_time = asyncio.Lock()
        self.head: PolicyFile | None = None
        """The record as it was last read."""

    @property
    def is_withheld(self) -> bool:
        """Whether nothing is allowed because nobody can say what is accepted."""
        return self._policies.in_force.stand_in

    def use(self, own: Policies) -> None:
        """Note the rules in this replica's file; they apply if the record allows it."""
        self._own = own.in_force

    def withhold(self) -> None:
        """Let nothing be requested or rotated, as long as nobody can say what is accepted."""
        self._policies.put_in_force(_nothing(self._own))
        self._in_force = None

    async def keep_up(self) -> bool:
        """Put in force what is recorded; return whether that changed anything."""
        async with self._one_at_a_time:
            try:
                stored = await self._workflows.load_as(PolicyFile, WORKFLOW_ID)
            except Unreadable as error:
                return await self._without_record(error)
            self.head = stored.head if stored else None
            self._is_settled = True
            wanted = self._wanted(self.head)
            is_new = wanted != self._in_force
            if is_new:
                self._policies.put_in_force(await self._rules(self.head))
                self._in_force = wanted
            has_errors = self.head is not None and self.head.with_errors is not None
            self._policies.newest_has_errors = has_errors
            return is_new

    async def _without_record(self, error: Unreadable) -> bool:
        """Go on without a record that another version wrote.

        At a start, nothing is allowed if the record counts. Later, what is in force stays.
        """
        if self._is_settled:
            return False
        log.error("the record of the policy file can't be read: %s", error)
        if '"four_eyes":true' in await self._workflows.text_of(WORKFLOW_ID):
            self.withhold()
        else:
            self._policies.put_in_force(self._own)
        self._is_settled = True
        return True

    async def accepted(self, head: PolicyFile | None) -> Rules | None:
        """Return the rules of the file that is recorded as in force; None if they aren't known.

        With four eyes, rules that can't be read allow nothing: the next file needs an admin.
        """
        rules = await self.of(head.in_force) if head and head.in_force else None
        if rules is None and head and head.four_eyes:
            log.error("the accepted policy file %s can't be read", head.in_force)
            return _nothing(self._own, four_eyes=True)
        return rules

    async def of(self, digest: str) -> Rules | None:
        """Return the rules of a file that was kept; None if it can't be read."""
        content = await self._contents.find(digest)
        if content is None:
            return None
        try:
            return self._read(content).in_force
        except PolicyFileError as error:
            log.warning("a kept policy file is invalid now: %s", error)
            return None

    def _wanted(self, head: PolicyFile | None) -> object:
        """Identify the rules that a record wants."""
        if head and head.four_eyes:
            return head.in_force, head.digest if head.waits else ""
        return self._own

    async def _rules(self, head: PolicyFile | None) -> Rules:
        accepted = await self.accepted(head) if head and head.four_eyes else None
        if head is None or accepted is None:
            return self._own
        if not head.waits:
            return accepted
        waiting = await self.of(head.digest)
        if waiting is None:
            log.error("the policy file that waits, %s, can't be read", head.digest)
            return _nothing(self._own, four_eyes=True)  # nobody can say what it takes away
        return await asyncio.to_thread(held, accepted, waiting)


def _nothing(like: Rules, *, four_eyes: bool = False) -> Rules:
    return Rules(defaults=like.defaults, rules=(), four_eyes=four_eyes, stand_in=True)
