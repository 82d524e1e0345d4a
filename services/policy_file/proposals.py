"""Decides what becomes of a changed policy file, and records it."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from domain.people import Person
from domain.policies.differences import Difference, differences
from domain.policies.rule import Rules
from domain.policy_file import changes
from domain.policy_file.file import WORKFLOW_ID, PolicyFile, PolicyFileState
from domain.workflow import Change
from services.clock import Clock
from services.faults import Conflict, Unavailable
from services.people.admins import Admins
from services.people.principals import NamedPrincipals
from services.policy_file.contents import Contents
from services.policy_file.in_force import RulesInForce
from services.policy_file.naming import with_names
from services.policy_file.sightings import Sightings
from services.policy_file.snapshot import FileSnapshot
from services.storage.documents import DocumentTooLarge
from services.workflow.engine import Engine
from services.workflow.workflows import Workflows

log = logging.getLogger(__name__)

MOST_ASKED = 20
"""How many admins are asked in their chats; others find the buttons in the audit channel."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A file on a replica's disk, with its rules or its errors."""

    file: FileSnapshot
    rules: Rules | None
    faults: tuple[str, ...] = ()
    at_start: bool = False
    """Whether the replica has only started, and so hasn't seen the file change."""


class Proposals:
    """Records each change of the file once, whichever replica sees it first."""

    def __init__(
        self,
        in_force: RulesInForce,
        contents: Contents,
        sightings: Sightings,
        admins: Admins,
        principals: NamedPrincipals,
        workflows: Workflows,
        engine: Engine,
        clock: Clock,
        advance_soon: Callable[[str], None],
    ) -> None:
        self._in_force = in_force
        self._contents = contents
        self._sightings = sightings
        self._admins = admins
        self._principals = principals
        self._workflows = workflows
        self._engine = engine
        self._clock = clock
        self._advance_soon = advance_soon

    async def make(self, proposal: Proposal) -> tuple[str, ...]:
        """Record what becomes of a file, unless it is recorded; returns its errors."""
        while True:
            stored = await self._workflows.load_as(PolicyFile, WORKFLOW_ID)
            head = stored.head if stored else None
            faults = proposal.faults or await self._faults_of_size(head, proposal)
            change = await self._change(head, proposal, faults)
            if change is None:
                return faults
            try:
                if stored:
                    await self._engine.record(stored, change)
                else:
                    await self._engine.open(change)
            except Conflict:
                continue
            self._advance_soon(WORKFLOW_ID)
            return faults

    async def look_after(self, head: PolicyFile, own: FileSnapshot) -> None:
        """Keep a file waiting that is on this replica's disk; end the wait of one on no disk.

        One with errors in its place doesn't end it. Only a replica with the accepted file does: the
        file was changed back.
        """
        if not head.waits:
            return
        if own.digest in (head.digest, head.refused):
            await self._sightings.note(head.digest)
        elif own.digest == head.in_force and await self._sightings.is_gone(head.digest):
            await self._end(head)

    async def _end(self, head: PolicyFile) -> None:
        stored = await self._workflows.load_as(PolicyFile, WORKFLOW_ID)
        if stored is None or stored.head != head:
            return
        change = changes.adopt(head, head.in_force, self._clock(), (), four_eyes=head.four_eyes)
        with suppress(Conflict):  # it was answered, or another replica was first
            await self._engine.record(stored, change)
            self._advance_soon(WORKFLOW_ID)

    async def _faults_of_size(self, head: PolicyFile | None, proposal: Proposal) -> tuple[str, ...]:
        """Keep the content; too large a file is an error only if replicas depend on it."""
        try:
            await self._contents.keep(proposal.file.content or b"")
        except DocumentTooLarge as error:
            if (head and head.four_eyes) or (proposal.rules and proposal.rules.four_eyes):
                return (f"it is too large for policy_four_eyes: {error}",)
        return ()

    async def _change(
        self, head: PolicyFile | None, proposal: Proposal, faults: Sequence[str]
    ) -> Change[PolicyFile] | None:
        """Return the change to record; None if the record already says it."""
        digest, rules, now = proposal.file.digest, proposal.rules, self._clock()
        if rules is None or faults:
            is_known = head and head.with_errors == digest
            return None if is_known else changes.refuse(head, digest, faults, now)
        # A file that was refused can be valid for another version, or with other variables.
        if head and head.state is not PolicyFileState.REFUSED:
            if head.digest == digest and not head.in_force:
                return Change(replace(head, in_force=digest))  # recorded by an older Latchkey
            if head.digest == digest and head.refused is not None:
                return changes.change_back(head)
            if head.digest == digest or _may_be_ahead(head, proposal):
                return None
        if head and head.four_eyes and digest == head.in_force:
            return changes.adopt(head, digest, now, (), four_eyes=True)
        before = await self._in_force.accepted(head)
        changed = await self._compared(before, rules) if before else None
        if head and head.four_eyes and changed and any(one.widens for one in changed):
            await self._sightings.note(digest)
            asked = await self._asked()
            return changes.wait(head, digest, now, changed, asked, four_eyes=rules.four_eyes)
        return changes.adopt(head, digest, now, changed, four_eyes=rules.four_eyes)

    async def _compared(self, before: Rules, after: Rules) -> Sequence[Difference]:
        # In a thread, since many patterns can take a while.
        return await with_names(
            await asyncio.to_thread(differences, before, after), self._principals
        )

    async def _asked(self) -> Sequence[Person]:
        """Return the admins to ask; the audit channel has the same buttons."""
        try:
            return (await self._admins.all())[:MOST_ASKED]
        except Unavailable as fault:
            log.warning("can't ask the admins about the policy file in their chats: %s", fault)
            return ()


def _may_be_ahead(head: PolicyFile, proposal: Proposal) -> bool:
    """Say whether another replica may have a newer file than this one, which has just started."""
    return proposal.at_start and head.four_eyes and head.in_force == proposal.file.digest
