"""What happens to an access request: each function makes one change, with its events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from domain.access.assignment import Assignment, End
from domain.access.request import (
    GRANT_PATIENCE,
    LAST_LOOK_AFTER,
    LOOK_AGAIN,
    TRY_LINGERS,
    AccessEvent,
    Approval,
    AzureAnswer,
    Denial,
    Grant,
    Request,
    RequestState,
    Target,
    is_overdue,
)
from domain.access.windows import warning_of
from domain.backoff import backoff
from domain.names import listed
from domain.people import Actor, Person
from domain.refusals import Refusal
from domain.unknown_outcome import RESOURCE_MANAGER_LIFE, SHOWN_AFTER, later
from domain.workflow import Change, Event, Fact


def submit(request: Request) -> Change[Request]:
    """Open a request."""
    facts: dict[str, Fact] = {
        "justification": request.justification,
        "window": request.window.total_seconds(),
    }
    if request.beneficiary:
        facts["for"] = request.beneficiary.object_id
        facts["for_name"] = request.beneficiary.name
    event = Event(AccessEvent.REQUESTED, request.requested_at, request.requester, facts)
    return Change(request, (event,))


def block(request: Request, reason: Refusal) -> Change[Request]:
    """Record a request that the policy refused, so that its announcement has a source."""
    at = request.requested_at
    head = replace(request, state=RequestState.DENIED, denial=Denial(None, at, reason.sentence))
    event = Event(AccessEvent.BLOCKED, at, request.requester, {"reason": reason.sentence})
    return Change(head, (event,))


def approve(
    request: Request,
    actor: Actor,
    now: datetime,
    *,
    window: timedelta | None = None,
    narrowed: bool = False,
) -> Change[Request]:
    """Add an approval; the one that completes the quorum states the intent to grant.

    ``window`` and ``narrowed`` are what an approver allows where that is less than was asked for;
    of several approvers the strictest counts.
    """
    approvals = (*request.approvals, Approval(actor, now, window, narrowed))
    facts: dict[str, Fact] = {
        "approvals": len(approvals),
        "needed": request.terms.min_approvals,
    }
    if window:
        facts["window"] = window.total_seconds()
    if narrowed:
        facts["narrowed"] = True
    event = Event(AccessEvent.APPROVED, now, actor, facts)
    approved = _as_allowed(replace(request, approvals=approvals))
    if len(approvals) < request.terms.min_approvals:
        return Change(approved, (event,))
    grant = Grant(give_up_at=now + GRANT_PATIENCE)
    return Change(replace(approved, state=RequestState.GRANTING, grant=grant), (event,))


def _as_allowed(request: Request) -> Request:
    """Cut a request down to the least that its approvals allow."""
    windows = [approval.window for approval in request.approvals if approval.window]
    window = min([request.window, *windows])
    targets = request.targets
    if any(approval.narrowed for approval in request.approvals):
        targets = tuple(_narrowed(target) for target in targets)
    return replace(request, window=window, targets=targets)


def _narrowed(target: Target) -> Target:
    if not target.can_be_narrowed:
        return target
    return replace(target, scope=target.secret_scope, exposes=1, not_requestable=0)


def deny(request: Request, actor: Actor, reason: str, now: datetime) -> Change[Request]:
    """End a request with an approver's no; ``reason`` may be empty."""
    head = replace(request, state=RequestState.DENIED, denial=Denial(actor, now, reason))
    return Change(head, (Event(AccessEvent.DENIED, now, actor, {"reason": reason}),))


def cancel(request: Request, actor: Actor, now: datetime) -> Change[Request]:
    """End a request that its requester needs no more."""
    head = replace(request, state=RequestState.CANCELLED)
    return Change(head, (Event(AccessEvent.CANCELLED, now, actor),))


def lapse(request: Request, now: datetime) -> Change[Request]:
    """End a request that nobody decided in time."""
    head = replace(request, state=RequestState.LAPSED)
    return Change(head, (Event(AccessEvent.LAPSED, now),))


def report_unreachable(request: Request, approver: Person, now: datetime) -> Change[Request]:
    """Record that an approver's card could not be delivered to them."""
    facts = {"approver": approver.object_id, "name": approver.name}
    return Change(request, (Event(AccessEvent.UNREACHABLE, now, None, facts),))


def grant(
    request: Request, created_at: datetime | None, now: datetime, *, seen: bool = False
) -> Change[Request]:
    """Record an assignment that was read back; the window is counted from its creation.

    ``seen``: it had come to be before it was asked for once more, so that where one request was not
    answered, that one was carried out. Nothing can appear any longer where that is so, or where
    every request was answered. ``created_at`` is what Azure says. Where it lies before the approval
    the assignment is an older one that this grant shares, and the window is counted from now.
    """
    approved_at = request.approvals[-1].at if request.approvals else request.requested_at
    started = created_at if created_at and approved_at <= created_at <= now else now
    expires_at = started + request.window
    is_carried_out = seen and request.unanswered == 1 and len(request.assignments) == 1
    if is_carried_out or not request.unanswered:
        request = replace(request, may_appear_until=None, unanswered=0)
    head = replace(
        request,
        state=RequestState.ACTIVE,
        grant=replace(
            request.granted,
            granted_at=started,
            made=(),
            expires_at=expires_at,
            warn_at=warning_of(started, expires_at),
        ),
        attempt=0,
        retry_at=None,
        answer=None,
    )
    made = ", ".join(assignment.id for assignment in request.assignments)
    facts = {"assignment": made, "expires_at": expires_at.isoformat()}
    return Change(head, (Event(AccessEvent.GRANTED, now, None, facts),))


def note_made(request: Request, made: Iterable[Assignment]) -> Request:
    """Note which assignments an attempt made that failed as a whole."""
    ids = tuple(assignment.id for assignment in made)
    return replace(request, grant=replace(request.granted, made=ids))


def refuse_grant(
    request: Request, sentence: str, now: datetime, answer: AzureAnswer | None = None
) -> Change[Request]:
    """End a request whose assignment Azure certainly did not make."""
    head = replace(request, state=RequestState.FAILED, failure=sentence, failed_with=answer)
    facts: dict[str, Fact] = {"reason": sentence, **facts_of(answer)}
    return Change(head, (Event(AccessEvent.FAILED, now, None, facts),))


def give_up(
    request: Request, sentence: str, now: datetime, answer: AzureAnswer | None = None
) -> Change[Request]:
    """Stop trying to grant; whatever an attempt may have left is taken away first."""
    head = replace(
        request,
        state=RequestState.REVOKING,
        failure=sentence,
        failed_with=answer,
        revoke_since=now,
        attempt=0,
        retry_at=None,
    )
    facts: dict[str, Fact] = {"reason": sentence, **facts_of(answer)}
    return Change(head, (Event(AccessEvent.GAVE_UP, now, None, facts),))


def facts_of(answer: AzureAnswer | None) -> dict[str, Fact]:
    """Return what an event keeps of Azure's answer."""
    if answer is None or answer.status is None:
        return {}
    code: dict[str, Fact] = {"code": answer.code} if answer.code else {}
    return {"status": answer.status, **code}


def end(request: Request, now: datetime) -> Change[Request]:
    """State the intent to take access away, since the window is over."""
    head = replace(
        request,
        state=RequestState.REVOKING,
        revoke_since=request.granted.expires_at or now,
        attempt=0,
        retry_at=None,
    )
    return Change(head, (Event(AccessEvent.ENDED, now),))


def vanish(request: Request, vanished: Assignment, now: datetime) -> Change[Request]:
    """Close a request of which somebody else removed an assignment: what is left is tidied up.

    Where others are left they go too: it was one decision about all of it, and whoever removed a
    part may know why.
    """
    head = replace(
        request,
        state=RequestState.REVOKING,
        out_of_band=True,
        revoke_since=now,
        attempt=0,
        retry_at=None,
    )
    facts: dict[str, Fact] = {}
    if len(request.assignments) > 1:
        facts["secrets"] = listed(request.opened_by(vanished))
    return Change(head, (Event(AccessEvent.VANISHED, now, None, facts),))


def end_early(request: Request, actor: Actor, now: datetime) -> Change[Request]:
    """State the intent to take access away, since somebody ended it before its window was over.

    A grant that is still being tried is given up. Whoever tries it may be at it this very moment,
    and what they send counts as not answered.
    """
    if is_being_tried(request, now):
        request = note_unanswered_grant(request, now + TRY_LINGERS)
    head = replace(
        request,
        state=RequestState.REVOKING,
        revoke_since=now,
        ended_by=actor,
        attempt=0,
        retry_at=None,
    )
    return Change(head, (Event(AccessEvent.ENDED_EARLY, now, actor),))


def is_being_tried(request: Request, now: datetime) -> bool:
    """Say whether somebody may be at a grant this very moment."""
    is_granting = request.state is RequestState.GRANTING
    return is_granting and (request.retry_at is None or request.retry_at <= now)


def note_unanswered_grant(request: Request, sent_by: datetime) -> Request:
    """Note that a request for an assignment, sent by then, was not answered."""
    until = later(request.may_appear_until, sent_by + RESOURCE_MANAGER_LIFE)
    return replace(request, may_appear_until=until, unanswered=request.unanswered + 1)


def note_unshown_grant(request: Request, now: datetime) -> Request:
    """Note that Azure answered a request for an assignment, and no read has shown it yet."""
    return replace(request, may_appear_until=later(request.may_appear_until, now + SHOWN_AFTER))


def note_unanswered_end(request: Request, sent_by: datetime) -> Request:
    """Note that a deletion, sent by then, was not answered."""
    until = later(request.may_vanish_until, sent_by + RESOURCE_MANAGER_LIFE)
    return replace(request, may_vanish_until=until, unanswered_ends=request.unanswered_ends + 1)


def interrupt(request: Request, at: datetime) -> Request:
    """Note that whoever moved a request on died by then: what they sent was not answered."""
    match request.state:
        case RequestState.GRANTING:
            return note_unanswered_grant(request, at)
        case RequestState.REVOKING | RequestState.STUCK:
            return note_unanswered_end(request, at)
        case _:
            return request


def note_removed(request: Request, removed: Iterable[Assignment]) -> Request:
    """Note which assignments a deletion found, though it is not certain yet that they are gone."""
    ids = {*request.removed, *(assignment.id for assignment in removed)}
    return replace(request, removed=tuple(sorted(ids)))


def watch(
    request: Request, removed: Iterable[Assignment], until: datetime, now: datetime
) -> Change[Request]:
    """Put off saying that access is gone: what is gone now may still appear until then."""
    noted = note_removed(request, removed)
    head = replace(
        noted,
        watched_until=until,
        retry_at=min(until, now + LOOK_AGAIN),
    )
    if request.watched_until == until:
        return Change(head)
    facts: dict[str, Fact] = {"until": until.isoformat(), "found": bool(noted.removed)}
    return Change(head, (Event(AccessEvent.WATCHED, now, None, facts),))


def raise_alarm(request: Request, now: datetime) -> Change[Request]:
    """Record that access is five minutes late to be gone; it is tried on."""
    facts: dict[str, Fact] = {
        "cause": request.cause,
        "attempt": request.attempt,
        **facts_of(request.answer),
    }
    head = replace(request, state=RequestState.STUCK)
    return Change(head, (Event(AccessEvent.STUCK, now, None, facts),))


def retry_now(request: Request, actor: Actor, now: datetime) -> Change[Request]:
    """Try to take overdue access away now, since somebody asked for it."""
    head = replace(request, retry_at=now)
    return Change(head, (Event(AccessEvent.RETRIED, now, actor),))


def close(request: Request, actor: Actor, reason: str, now: datetime) -> Change[Request]:
    """End the attempts to take access away, since an admin says that they can never succeed.

    It is not known whether the access is gone; reconciling finds it should it still be there.
    """
    head = replace(request, state=RequestState.CLOSED, retry_at=None)
    facts: dict[str, Fact] = {"reason": reason, "cause": request.cause}
    return Change(head, (Event(AccessEvent.CLOSED, now, actor, facts),))


def revoke(
    request: Request,
    ends: Sequence[End],
    now: datetime,
    still: Mapping[str, Fact] = MappingProxyType({}),
) -> Change[Request]:
    """Record that access is gone, with what really happened to each of its assignments.

    ``still`` are facts about what its holder can read all the same, by another grant.
    Where access was ended before it was granted the event says so.
    """
    late: dict[str, Fact] = {}
    if request.state is RequestState.STUCK and request.revoke_since:
        late["stuck_for"] = (now - request.revoke_since).total_seconds()
    if request.may_appear_until:
        request = replace(request, last_look_at=now + LAST_LOOK_AFTER)
    if request.failure is not None:
        head = replace(request, state=RequestState.FAILED, retry_at=None)
        facts: dict[str, Fact] = {
            "reason": request.failure,
            **facts_of(request.failed_with),
            **late,
        }
        return Change(head, (Event(AccessEvent.FAILED, now, None, facts),))
    head = replace(request, state=RequestState.REVOKED, retry_at=None)
    facts = _how_it_ended(request, ends) | late | dict(still)
    if request.granted.granted_at is None:
        facts["granted"] = False
    return Change(head, (Event(AccessEvent.REVOKED, now, None, facts),))


def _how_it_ended(request: Request, ends: Sequence[End]) -> dict[str, Fact]:
    kept = sum(end.shared for end in ends)
    found = bool(request.removed) or any(end.found for end in ends)
    facts: dict[str, Fact] = {"shared": kept > 0, "found": found}
    if len(ends) > 1:
        facts |= {"assignments": len(ends), "kept": kept}
    elif request.out_of_band:
        facts = {"shared": False, "found": False}
    return facts | ({"out_of_band": True} if request.out_of_band else {})


def try_again(
    request: Request,
    cause: str,
    now: datetime,
    *,
    jitter: float,
    retry_after: timedelta | None = None,
    answer: AzureAnswer | None = None,
) -> Change[Request]:
    """Put a failed attempt off; a revocation that is too late becomes ``stuck``, once."""
    attempt = request.attempt + 1
    retry_at = now + backoff(attempt, jitter, retry_after)
    head = replace(request, attempt=attempt, retry_at=retry_at, cause=cause, answer=answer)
    if request.state is RequestState.REVOKING and is_overdue(request, now):
        return raise_alarm(head, now)
    return Change(head)
