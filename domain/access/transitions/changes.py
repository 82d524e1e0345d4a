"""Changes of an access request: each function returns a new head and its events."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from domain.access.approval import Approval, Denial
from domain.access.assignment import Assignment, End
from domain.access.fresh_sign_in import FreshSignIn
from domain.access.grant import AzureAnswer, Grant
from domain.access.request import (
    GRANT_PATIENCE,
    LAST_LOOK_AFTER,
    LOOK_AGAIN,
    OVER,
    TRY_LINGERS,
    AccessEvent,
    Request,
    RequestState,
    is_overdue,
)
from domain.access.transitions.approvers_then import facts_of_approvers
from domain.access.transitions.as_asked import scope_facts
from domain.access.transitions.ends import warning_of
from domain.access.transitions.leaving_out import leave_out, narrow
from domain.access.transitions.opened import created_for, facts_of_opened
from domain.backoff import backoff
from domain.names import joined
from domain.people import Actor, Person
from domain.reasons import Reason, facts_of_reason
from domain.refusals.refusal import Refusal
from domain.unknown_outcome import RESOURCE_MANAGER_LIFE, SHOWN_AFTER, later
from domain.workflow import Change, Event, Fact


def submit(request: Request) -> Change[Request]:
    """Open a request."""
    facts: dict[str, Fact] = {
        "justification": request.justification,
        "window": request.window.total_seconds(),
        **scope_facts(request.targets),
        **facts_of_approvers(request, request.terms),
    }
    if request.starts_at:
        facts["starts_at"] = request.starts_at.isoformat()
    facts |= _for_whom(request.beneficiary)
    event = Event(AccessEvent.REQUESTED, request.requested_at, request.requester, facts)
    return Change(request, (event,))


def block(request: Request, refusal: Refusal) -> Change[Request]:
    """Record a request that the policy refused, so that it can be announced."""
    at = request.requested_at
    denial = Denial(None, at, refusal=refusal.reason)
    head = replace(request, state=RequestState.DENIED, denial=denial)
    facts = {**facts_of_reason(refusal.reason), **_for_whom(request.colleague)}
    event = Event(AccessEvent.BLOCKED, at, request.requester, facts)
    return Change(head, (event,))


def _for_whom(person: Person | None) -> dict[str, Fact]:
    """Return the facts that name the person for whom somebody else asks."""
    if person is None:
        return {}
    found: dict[str, Fact] = {"for": person.object_id} if person.object_id else {}
    return {**found, "for_name": person.name}


def approve(
    request: Request,
    actor: Actor,
    now: datetime,
    *,
    window: timedelta | None = None,
    narrowed: bool = False,
    left_out: Collection[str] = (),
    note: str = "",
    sign_in: FreshSignIn | None = None,
) -> Change[Request]:
    """Add an approval; the one that completes the quorum states the intent to grant.

    With a start in the future, access is scheduled for then instead.

    ``window``, ``narrowed`` and ``left_out`` are limits set by an approver who allows less than
    requested; with several approvers the strictest limits count, and what any of them left out
    is left out. ``note`` is what the approver typed; it can be empty. ``sign_in`` confirmed it.
    """
    shorter = window if window and window < request.window else None
    narrowed = narrowed and any(target.can_be_narrowed for target in request.targets)
    approvals = (*request.approvals, Approval(actor, now, shorter, narrowed, sign_in))
    facts: dict[str, Fact] = {
        "approvals": len(approvals),
        "needed": request.terms.min_approvals,
    }
    if shorter:
        facts["window"] = shorter.total_seconds()
    if narrowed:
        facts["narrowed"] = True
    if note:
        facts["note"] = note
    part = leave_out(request, left_out, actor)
    if gone := part.left_out[len(request.left_out) :]:
        facts["left_out"] = joined([one.target.secret for one in gone])
    if any(target not in request.targets for target in part.targets):
        facts["narrowed"] = True
    event = Event(AccessEvent.APPROVED, now, actor, facts)
    approved = _as_allowed(replace(part, approvals=approvals))
    if len(approvals) < request.terms.min_approvals:
        return Change(approved, (event,))
    begun = grant_or_schedule(approved, now)
    return Change(begun.head, (event, *begun.events))


def grant_or_schedule(request: Request, now: datetime) -> Change[Request]:
    """State the intent to grant approved access, or schedule it if its start is in the future."""
    if request.starts_at is None or now >= request.starts_at:
        return Change(begin_grant(request, now))
    facts: dict[str, Fact] = {"starts_at": request.starts_at.isoformat()}
    event = Event(AccessEvent.SCHEDULED, now, None, facts)
    return Change(replace(request, state=RequestState.SCHEDULED), (event,))


def begin_grant(request: Request, now: datetime) -> Request:
    """State the intent to grant, and until when to try."""
    grant = Grant(give_up_at=now + GRANT_PATIENCE)
    return replace(request, state=RequestState.GRANTING, grant=grant, attempt=0, retry_at=None)


def _as_allowed(request: Request) -> Request:
    """Reduce a request to the strictest limits of its approvals."""
    windows = [approval.window for approval in request.approvals if approval.window]
    window = min([request.window, *windows])
    targets = request.targets
    if any(approval.narrowed for approval in request.approvals):
        targets = tuple(narrow(target) for target in targets)
    return replace(request, window=window, targets=targets)


def deny(request: Request, actor: Actor, reason: str, now: datetime) -> Change[Request]:
    """End a request that an approver denied; ``reason`` can be empty."""
    head = replace(request, state=RequestState.DENIED, denial=Denial(actor, now, reason))
    return Change(head, (Event(AccessEvent.DENIED, now, actor, {"reason": reason}),))


def cancel(request: Request, actor: Actor, now: datetime) -> Change[Request]:
    """End a request that its requester cancelled, before any access existed."""
    head = replace(request, state=RequestState.CANCELLED)
    return Change(head, (Event(AccessEvent.CANCELLED, now, actor, _planned(request)),))


def _call_off(request: Request, actor: Actor, now: datetime) -> Change[Request]:
    """End an approved request before its start."""
    head = replace(request, state=RequestState.CANCELLED, ended_by=actor)
    return Change(head, (Event(AccessEvent.CALLED_OFF, now, actor, _planned(request)),))


def _planned(request: Request) -> dict[str, Fact]:
    """Return when scheduled access would have started; empty for a request without approval."""
    if request.state is not RequestState.SCHEDULED or request.starts_at is None:
        return {}
    return {"starts_at": request.starts_at.isoformat()}


def lapse(request: Request, now: datetime) -> Change[Request]:
    """End a request that no one decided in time."""
    head = replace(request, state=RequestState.LAPSED)
    return Change(head, (Event(AccessEvent.LAPSED, now),))


def report_unreachable(request: Request, approver: Person, now: datetime) -> Change[Request]:
    """Record that an approver's card couldn't be delivered."""
    facts = {"approver": approver.object_id, "name": approver.name}
    return Change(request, (Event(AccessEvent.UNREACHABLE, now, None, facts),))


def grant(
    request: Request, created_at: datetime | None, now: datetime, *, seen: bool = False
) -> Change[Request]:
    """Record that the assignments were read back; the window counts from their creation.

    ``seen``: the assignment existed before this attempt asked for it. If exactly one earlier
    request went unanswered, that request created it. If so, or if every request was answered,
    nothing can appear later. ``created_at`` comes from Azure. If it's before the approval, or
    before a start in the future, this grant shares an older assignment and the window counts from
    now.
    """
    started = created_for(request, created_at, now)
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


def note_made(request: Request, made: Iterable[Assignment], now: datetime) -> Request:
    """Note which assignments were made by an attempt that failed overall.

    From then on the rest has the usual time, also if none had been made for hours for want of room
    in the subscription: nothing may be half granted for longer.
    """
    ids = tuple(assignment.id for assignment in made)
    give_up_at = request.granted.give_up_at
    if ids:
        give_up_at = min(give_up_at, now + GRANT_PATIENCE)
    return replace(request, grant=replace(request.granted, made=ids, give_up_at=give_up_at))


def refuse_grant(
    request: Request, why: Reason, now: datetime, answer: AzureAnswer | None = None
) -> Change[Request]:
    """End a request whose assignment Azure definitely didn't make."""
    head = replace(request, state=RequestState.FAILED, failure=why, failed_with=answer)
    facts: dict[str, Fact] = {**facts_of_reason(why), **facts_of(answer)}
    return Change(head, (Event(AccessEvent.FAILED, now, None, facts),))


def give_up(
    request: Request, why: Reason, now: datetime, answer: AzureAnswer | None = None
) -> Change[Request]:
    """Stop trying to grant; first revoke whatever an attempt may have left behind."""
    head = replace(
        request,
        state=RequestState.REVOKING,
        failure=why,
        failed_with=answer,
        revoke_since=now,
        attempt=0,
        retry_at=None,
    )
    facts: dict[str, Fact] = {**facts_of_reason(why), **facts_of(answer)}
    return Change(head, (Event(AccessEvent.GAVE_UP, now, None, facts),))


def facts_of(answer: AzureAnswer | None) -> dict[str, Fact]:
    """Return the facts that an event keeps of Azure's answer."""
    if answer is None or answer.status is None:
        return {}
    code: dict[str, Fact] = {"code": answer.code} if answer.code else {}
    return {"status": answer.status, **code}


def end(request: Request, now: datetime) -> Change[Request]:
    """State the intent to revoke access, because its window ended."""
    head = replace(
        request,
        state=RequestState.REVOKING,
        revoke_since=request.granted.expires_at or now,
        attempt=0,
        retry_at=None,
    )
    return Change(head, (Event(AccessEvent.ENDED, now),))


def close_missing(request: Request, missing: Assignment, now: datetime) -> Change[Request]:
    """End a request because someone else removed one of its assignments out of band.

    Its other assignments are revoked too: they were approved together, and whoever removed one
    may have had a reason.
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
        facts["secrets"] = joined(request.opened_by(missing))
    return Change(head, (Event(AccessEvent.VANISHED, now, None, facts),))


def end_early(request: Request, actor: Actor, now: datetime) -> Change[Request]:
    """State the intent to revoke access, because someone ended it early.

    Before a scheduled start there is nothing to revoke. A grant that is still being tried is given
    up. A replica may be trying it right now, or begin to before this is recorded, even if the next
    try isn't due by this clock; what it sends counts as unanswered.
    """
    if request.state is RequestState.SCHEDULED:
        return _call_off(request, actor, now)
    if request.state is RequestState.GRANTING:
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


def note_unanswered_grant(request: Request, sent_by: datetime) -> Request:
    """Note that a request for an assignment sent by ``sent_by`` went unanswered."""
    until = later(request.may_appear_until, sent_by + RESOURCE_MANAGER_LIFE)
    return replace(request, may_appear_until=until, unanswered=request.unanswered + 1)


def note_unshown_grant(request: Request, now: datetime) -> Request:
    """Note that Azure answered a request for an assignment that no read has shown yet."""
    return replace(request, may_appear_until=later(request.may_appear_until, now + SHOWN_AFTER))


def note_unanswered_end(request: Request, sent_by: datetime) -> Request:
    """Note that a deletion sent by ``sent_by`` went unanswered."""
    until = later(request.may_vanish_until, sent_by + RESOURCE_MANAGER_LIFE)
    return replace(request, may_vanish_until=until, unanswered_ends=request.unanswered_ends + 1)


def interrupt(request: Request, at: datetime) -> Request:
    """Note that the replica working on a request died: what it sent went unanswered."""
    match request.state:
        case RequestState.GRANTING:
            return note_unanswered_grant(request, at)
        case RequestState.REVOKING | RequestState.STUCK:
            return note_unanswered_end(request, at)
        case _:
            return request


def overtaken(request: Request, tried: Request, now: datetime) -> Request:
    """Note what a move may still do, or has done, whose outcome another change came before.

    ``tried`` is what it would have recorded. What it granted is there, and nobody reads it back if
    access has ended meanwhile.
    """
    has_ended = request.state in {RequestState.REVOKING, RequestState.STUCK, *OVER}
    until = later(request.may_appear_until, tried.may_appear_until)
    if has_ended and tried.state is RequestState.ACTIVE:
        until = later(until, now + SHOWN_AFTER)
    noted = replace(
        request,
        may_appear_until=until,
        unanswered=max(request.unanswered, tried.unanswered),
        may_vanish_until=later(request.may_vanish_until, tried.may_vanish_until),
        unanswered_ends=max(request.unanswered_ends, tried.unanswered_ends),
        removed=tuple(sorted({*request.removed, *tried.removed})),
    )
    if request.state in OVER and until != request.may_appear_until:
        return replace(noted, last_look_at=now)
    return noted


def next_look(request: Request, now: datetime) -> datetime | None:
    """Return when to look again for what may still appear after the end; None if nothing may."""
    if request.may_appear_until is None:
        return None
    at = request.may_appear_until + SHOWN_AFTER
    return at if now < at else None


def note_removed(request: Request, removed: Iterable[Assignment]) -> Request:
    """Note which assignments a deletion found before it's certain that they're gone."""
    ids = {*request.removed, *(assignment.id for assignment in removed)}
    return replace(request, removed=tuple(sorted(ids)))


def watch(
    request: Request, removed: Iterable[Assignment], until: datetime, now: datetime
) -> Change[Request]:
    """Wait before calling access revoked: an assignment may still appear until ``until``."""
    noted = note_removed(request, removed)
    head = replace(
        noted,
        watched_until=until,
        retry_at=min(until, now + LOOK_AGAIN),
    )
    if request.watched_until == until:
        return Change(head)
    facts: dict[str, Fact] = {
        "until": until.isoformat(),
        "found": bool(noted.removed),
        "unanswered": bool(request.unanswered),
    }
    return Change(head, (Event(AccessEvent.WATCHED, now, None, facts),))


def raise_alarm(request: Request, now: datetime) -> Change[Request]:
    """Record that a revocation is five minutes late; retries continue."""
    facts: dict[str, Fact] = {
        "cause": request.cause,
        "attempt": request.attempt,
        **facts_of(request.answer),
    }
    head = replace(request, state=RequestState.STUCK)
    return Change(head, (Event(AccessEvent.STUCK, now, None, facts),))


def retry_now(request: Request, actor: Actor, now: datetime) -> Change[Request]:
    """Retry a late revocation now, because someone asked for it."""
    head = replace(request, retry_at=now)
    return Change(head, (Event(AccessEvent.RETRIED, now, actor),))


def hurry(request: Request, now: datetime) -> Request:
    """Make the next try to revoke due now, if it isn't yet; the same request otherwise."""
    is_revoking = request.state in {RequestState.REVOKING, RequestState.STUCK}
    if is_revoking and request.retry_at and request.retry_at > now:
        return replace(request, retry_at=now)
    return request


def close(request: Request, actor: Actor, reason: str, now: datetime) -> Change[Request]:
    """Stop retrying a revocation, because an admin says that it can never succeed.

    We don't know whether the access is gone; reconciliation finds it if it still exists. A replica
    may be trying right now; what it sends counts as unanswered.
    """
    noted = note_unanswered_end(request, now + TRY_LINGERS)
    head = replace(noted, state=RequestState.CLOSED, retry_at=None)
    facts: dict[str, Fact] = {"reason": reason, "cause": request.cause}
    return Change(head, (Event(AccessEvent.CLOSED, now, actor, facts),))


def revoke(
    request: Request,
    ends: Sequence[End],
    now: datetime,
    still: Mapping[str, Fact] = MappingProxyType({}),
) -> Change[Request]:
    """Record that access is gone, with what actually happened to each assignment.

    ``still`` are facts about what the grantee can still read through another grant. If access
    ended before it was granted, the event says so.
    """
    late: dict[str, Fact] = {}
    if request.state is RequestState.STUCK and request.revoke_since:
        late["stuck_for"] = (now - request.revoke_since).total_seconds()
    request = replace(request, gone_at=now)
    if request.may_appear_until:
        request = replace(request, last_look_at=now + LAST_LOOK_AFTER)
    if request.failure is not None:
        head = replace(request, state=RequestState.FAILED, retry_at=None)
        facts: dict[str, Fact] = {
            **facts_of_reason(request.failure),
            **facts_of(request.failed_with),
            **late,
            **facts_of_opened(request, ends),
        }
        return Change(head, (Event(AccessEvent.FAILED, now, None, facts),))
    head = replace(request, state=RequestState.REVOKED, retry_at=None)
    facts = _how_it_ended(request, ends) | late | dict(still)
    if request.granted.granted_at is None:
        facts |= {"granted": False} | facts_of_opened(request, ends)
    return Change(head, (Event(AccessEvent.REVOKED, now, None, facts),))


def _how_it_ended(request: Request, ends: Sequence[End]) -> dict[str, Fact]:
    kept = sum(end.shared and end.found for end in ends)
    found = bool(request.removed) or any(end.found for end in ends)
    facts: dict[str, Fact] = {"shared": any(end.shared for end in ends), "found": found}
    if len(ends) > 1:
        facts |= {"assignments": len(ends), "kept": kept}
    elif request.out_of_band:
        facts = {"shared": False, "found": False}
    elif request.unanswered_ends and not found:
        facts["unanswered"] = True  # so this request may have deleted it, before a crash, say
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
    """Schedule a retry after a failed attempt; a late revocation becomes ``stuck``, once."""
    attempt = request.attempt + 1
    retry_at = now + backoff(attempt, jitter, retry_after)
    head = replace(request, attempt=attempt, retry_at=retry_at, cause=cause, answer=answer)
    if request.state is RequestState.REVOKING and is_overdue(request, now):
        return raise_alarm(head, now)
    return Change(head)
