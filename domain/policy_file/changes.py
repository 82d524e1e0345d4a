"""Changes of the policy file's workflow."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.names import joined_ids
from domain.people import Actor, Person
from domain.policies.differences import Difference
from domain.policies.record import recorded
from domain.policy_file.file import WORKFLOW_ID, PolicyFile, PolicyFileEvent, PolicyFileState
from domain.workflow import Change, Event, Fact

MOST_ERRORS_LISTED = 10


def adopt(
    before: PolicyFile | None,
    digest: str,
    now: datetime,
    changed: Sequence[Difference] | None = None,
    *,
    four_eyes: bool = False,
) -> Change[PolicyFile]:
    """Record that the rules of a file are now in force, and how they differ from those before.

    ``changed`` is None if that isn't known.
    """
    head = PolicyFile(
        id=WORKFLOW_ID,
        state=PolicyFileState.ADOPTED,
        digest=digest,
        in_force=digest,
        four_eyes=four_eyes,
    )
    facts: dict[str, Fact] = {"digest": digest, **_facts(changed)}
    adopted = Event(PolicyFileEvent.ADOPTED, now, None, facts)
    return Change(head, (*_withdrawn(before, now), adopted))


def refuse(
    before: PolicyFile | None, digest: str, faults: Sequence[str], now: datetime
) -> Change[PolicyFile]:
    """Record that a file has errors and that the previous rules stay in force.

    That includes what waits: it goes on waiting, and what it takes away doesn't come back.
    """
    facts: dict[str, Fact] = {
        "digest": digest,
        "faults": "\n".join(faults[:MOST_ERRORS_LISTED]),
        "count": len(faults),
    }
    if before and before.waits:
        head = replace(before, refused=digest)
        facts["waits"] = before.digest
        return Change(head, (Event(PolicyFileEvent.REFUSED, now, None, facts),))
    head = PolicyFile(
        id=WORKFLOW_ID,
        state=PolicyFileState.REFUSED,
        digest=digest,
        in_force=before.in_force if before else "",
        four_eyes=before.four_eyes if before else False,
    )
    return Change(head, (Event(PolicyFileEvent.REFUSED, now, None, facts),))


def change_back(file: PolicyFile) -> Change[PolicyFile]:
    """Note that the file with errors is gone, and the one before it is back."""
    return Change(replace(file, refused=None))


def wait(
    before: PolicyFile,
    digest: str,
    now: datetime,
    changed: Sequence[Difference],
    asked: Sequence[Person],
    *,
    four_eyes: bool,
) -> Change[PolicyFile]:
    """Record that a file waits for one of the admins, who are ``asked``.

    ``four_eyes`` is whether that file still asks admins about the next one.
    """
    head = PolicyFile(
        id=WORKFLOW_ID,
        state=PolicyFileState.WAITING,
        digest=digest,
        in_force=before.in_force,
        four_eyes=before.four_eyes,
        next_four_eyes=four_eyes,
    )
    facts: dict[str, Fact] = {
        "digest": digest,
        **_facts(changed),
        "asked_ids": joined_ids(asked),
    }
    waits = Event(PolicyFileEvent.WAITS, now, None, facts)
    return Change(head, (*_withdrawn(before, now), waits))


def accept(file: PolicyFile, actor: Actor, now: datetime) -> Change[PolicyFile]:
    """Put the file that waits in force."""
    head = replace(
        file,
        state=PolicyFileState.ADOPTED,
        in_force=file.digest,
        four_eyes=file.next_four_eyes,
        next_four_eyes=False,
        decided_by=actor,
    )
    return Change(head, (Event(PolicyFileEvent.ACCEPTED, now, actor, {"digest": file.digest}),))


def reject(file: PolicyFile, actor: Actor, now: datetime) -> Change[PolicyFile]:
    """Reject the file that waits: the rules of the file in force apply as they are."""
    head = replace(file, state=PolicyFileState.REJECTED, next_four_eyes=False, decided_by=actor)
    return Change(head, (Event(PolicyFileEvent.REJECTED, now, actor, {"digest": file.digest}),))


def _facts(changed: Sequence[Difference] | None) -> dict[str, Fact]:
    if changed is None:
        return {}
    return {"changes": recorded(changed), "count": len(changed)}


def _withdrawn(before: PolicyFile | None, now: datetime) -> tuple[Event, ...]:
    """Return the event that ends the wait of a file that is replaced."""
    if before is None or not before.waits:
        return ()
    return (Event(PolicyFileEvent.WITHDRAWN, now, None, {"digest": before.digest}),)
