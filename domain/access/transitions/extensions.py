"""Extensions: who can ask for more time and allow it, and what becomes of the window."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.access.approval import Approval
from domain.access.extension import Extension
from domain.access.fresh_sign_in import FreshSignIn
from domain.access.grant import Grant
from domain.access.request import AccessEvent, Request, RequestState
from domain.access.rules.policy import ALLOWED, Decision, Policy
from domain.access.transitions.ends import end_of, warning_of
from domain.people import NO_GROUPS, Actor
from domain.refusals.decisions import AlreadyApproved, NotAnApprover, SelfApproval
from domain.refusals.extensions import (
    ExtensionAskedAlready,
    ExtensionDecided,
    ExtensionTooLong,
    NothingToExtend,
    NotYourGrant,
    TooLateToExtend,
)
from domain.refusals.requests import UnreadableDuration
from domain.workflow import Change, Event, Fact

_ASKED_AT = "more_asked_at"


def decide_extension(
    request: Request, actor: Actor, by: timedelta | None, now: datetime
) -> Decision:
    """Decide whether this person can ask for this extension."""
    extendable = decide_extendable(request, actor, now)
    if not extendable.allowed:
        return extendable
    if by is None:
        return Decision(UnreadableDuration())
    most = most_more(request)
    if by > most:
        return Decision(ExtensionTooLong(most))
    return ALLOWED


def decide_extendable(request: Request, actor: Actor, now: datetime) -> Decision:
    """Decide whether this person can ask for any extension.

    After the end no one can, even if a late worker hasn't revoked the access yet.
    """
    if actor.object_id not in request.involved:
        return Decision(NotYourGrant())
    if request.state is not RequestState.ACTIVE:
        return Decision(NothingToExtend(request.state))
    in_time = decide_in_time(request, now)
    if not in_time.allowed:
        return in_time
    if request.extension:
        return Decision(ExtensionAskedAlready(request.extension.by))
    if not most_more(request):
        return Decision(ExtensionTooLong(timedelta()))
    return ALLOWED


def decide_in_time(request: Request, now: datetime) -> Decision:
    """Decide whether its window can still be extended: it can't once it's over.

    What has to be asked for the decision takes time, so this is decided again at the end.
    """
    return Decision(TooLateToExtend(end_of(request))) if _is_over(request, now) else ALLOWED


def most_more(request: Request) -> timedelta:
    """Return the longest extension that the cap allows."""
    started = request.granted.granted_at or end_of(request)
    return max(timedelta(), started + request.terms.longest - end_of(request))


def needs_no_approval(request: Request, by: timedelta, today: Sequence[Policy]) -> bool:
    """Return whether this much more time is given freely, by its terms and by today's policies.

    To a request that a rule approved, only as much as the rule approves in all: nobody has seen it.
    None if an approver allowed less time than was asked for: that would take their limit back.
    """
    if any(approval.window for approval in request.approvals):
        return False
    if not (request.terms.extend_freely and all(policy.extend_freely for policy in today)):
        return False
    caps = [policy.longest for policy in today]
    if request.approved_by_rule:
        caps.append(request.approved_by_rule.longest)
    started = request.granted.granted_at or end_of(request)
    return all(end_of(request) + by <= started + cap for cap in caps)


def open_extension(request: Request) -> Extension | None:
    """Return the extension request that can be decided now; None once access has ended."""
    return request.extension if request.state is RequestState.ACTIVE else None


def is_open_extension(request: Request, event: Event) -> bool:
    """Return whether this event asks about the extension request that can be decided now."""
    return open_extension(request) is not None and asks_about(request.extension, event)


def asks_about(extension_request: Extension | None, event: Event) -> bool:
    """Return whether an event asks the approvers about this extension request, or asks again."""
    if extension_request is None:
        return False
    asked_at = extension_request.asked_at
    if event.kind == AccessEvent.EXTENSION_ASKED:
        return event.at == asked_at
    return asks_for_more_again(event) and event.facts[_ASKED_AT] == asked_at.isoformat()


def asks_for_more_again(event: Event) -> bool:
    """Return whether approvals of an extension stopped counting; those who gave some give new ones.

    The event is a change of the approvers.
    """
    return event.kind == AccessEvent.APPROVERS_CHANGED and bool(event.facts.get(_ASKED_AT))


def facts_of_open_extension(request: Request) -> dict[str, Fact]:
    """Return the facts about the extension request that can be decided now; empty without one."""
    extension_request = open_extension(request)
    if extension_request is None:
        return {}
    return {
        _ASKED_AT: extension_request.asked_at.isoformat(),
        "by": extension_request.by.total_seconds(),
        "expires_at": end_of(request).isoformat(),
    }


def extensions_asked(request: Request, events: Sequence[Event]) -> int:
    """Count the extension requests so far, whatever their outcome."""
    kinds = {AccessEvent.EXTENSION_ASKED}
    if request.terms.extend_freely:
        kinds.add(AccessEvent.EXTENDED)
    return sum(event.kind in kinds for event in events)


def was_asked(
    events: Sequence[Event], actor: Actor, source_id: str, *, asks_once: bool = False
) -> bool:
    """Return whether this extension request is recorded.

    Once it is denied, the same source can make it again, unless it is one that ``asks_once``.
    """
    for event in reversed(events):
        if _is_from(event, actor, source_id):
            return True
        if event.kind == AccessEvent.EXTENSION_DENIED and not asks_once:
            return False
    return False


def was_allowed(request: Request, events: Sequence[Event], actor: Actor, source_id: str) -> bool:
    """Return whether this person's approval of that extension request is recorded."""
    extension_request = open_extension(request)
    if extension_request and extension_request.source_id == source_id:
        return actor.object_id in _who_allowed(extension_request)
    kinds = {AccessEvent.EXTENSION_ALLOWED, AccessEvent.EXTENDED}
    return any(event.kind in kinds and _is_from(event, actor, source_id) for event in events)


def was_refused(request: Request, events: Sequence[Event], actor: Actor, source_id: str) -> bool:
    """Return whether this person's denial of that extension request is recorded."""
    extension_request = open_extension(request)
    if extension_request and extension_request.source_id == source_id:
        return False  # what was refused under this name came before this one
    kind = AccessEvent.EXTENSION_DENIED
    return any(event.kind == kind and _is_from(event, actor, source_id) for event in events)


def ask_extension(
    request: Request, actor: Actor, by: timedelta, now: datetime, source_id: str = ""
) -> Change[Request]:
    """Ask the approvers for more time; ``source_id`` names the message or click that does."""
    head = replace(request, extension=Extension(by, now, source_id))
    facts: dict[str, Fact] = {
        "by": by.total_seconds(),
        "expires_at": end_of(request).isoformat(),
        **_source(source_id),
    }
    return Change(head, (Event(AccessEvent.EXTENSION_ASKED, now, actor, facts),))


def allow_extension(
    request: Request,
    actor: Actor,
    now: datetime,
    source_id: str = "",
    note: str = "",
    sign_in: FreshSignIn | None = None,
) -> Change[Request]:
    """Add an approval; the one that completes the quorum extends the window.

    ``note`` is what the approver typed; it can be empty. ``sign_in`` confirmed it.
    """
    extension_request = _extension_request(request)
    approvals = (*extension_request.approvals, Approval(actor, now, sign_in=sign_in))
    if len(approvals) >= request.terms.min_approvals:
        return extend(request, actor, extension_request.by, now, source_id, note)
    facts: dict[str, Fact] = {
        "by": extension_request.by.total_seconds(),
        "approvals": len(approvals),
        "needed": request.terms.min_approvals,
        "expires_at": end_of(request).isoformat(),
        **_source(source_id),
        **_note(note),
    }
    head = replace(request, extension=replace(extension_request, approvals=approvals))
    return Change(head, (Event(AccessEvent.EXTENSION_ALLOWED, now, actor, facts),))


def extend(
    request: Request,
    actor: Actor,
    by: timedelta,
    now: datetime,
    source_id: str = "",
    note: str = "",
) -> Change[Request]:
    """Extend the window, within the cap; ``actor`` approved last, or needs no approval."""
    expires_at = end_of(request) + min(by, most_more(request))
    grant: Grant = replace(
        request.granted, expires_at=expires_at, warn_at=warning_of(now, expires_at)
    )
    facts: dict[str, Fact] = {
        "by": by.total_seconds(),
        "expires_at": expires_at.isoformat(),
        **_source(source_id),
        **_note(note),
    }
    head = replace(request, grant=grant, extension=None)
    return Change(head, (Event(AccessEvent.EXTENDED, now, actor, facts),))


def decide_extension_answer(
    request: Request,
    actor: Actor,
    now: datetime,
    source_id: str | None = None,
    memberships: Collection[str] = NO_GROUPS,
) -> Decision:
    """Decide whether this person can answer the open extension request.

    With ``source_id``, the answer is to that extension request and to no other one. Someone who
    approved it can still deny it until there are enough approvals.
    """
    if actor.object_id in request.involved:
        return Decision(SelfApproval())
    if not request.terms.let_decide(actor.object_id, memberships):
        return Decision(NotAnApprover(request.terms.named.without(request.involved)))
    extension_request = open_extension(request)
    if extension_request is None:
        return Decision(ExtensionDecided())
    if source_id is not None and extension_request.source_id != source_id:
        return Decision(ExtensionDecided())
    return decide_in_time(request, now)


def decide_extension_approval(
    request: Request,
    actor: Actor,
    now: datetime,
    source_id: str | None = None,
    memberships: Collection[str] = NO_GROUPS,
) -> Decision:
    """Decide whether this person can approve the open extension request: each counts once."""
    decision = decide_extension_answer(request, actor, now, source_id, memberships)
    if decision.allowed and actor.object_id in _who_allowed(_extension_request(request)):
        return Decision(AlreadyApproved())
    return decision


def deny_extension(
    request: Request, actor: Actor, now: datetime, source_id: str = "", note: str = ""
) -> Change[Request]:
    """Deny an extension request; the end stays the same."""
    facts: dict[str, Fact] = {
        "expires_at": end_of(request).isoformat(),
        **_source(source_id),
        **_note(note),
    }
    head = replace(request, extension=None)
    return Change(head, (Event(AccessEvent.EXTENSION_DENIED, now, actor, facts),))


def _source(source_id: str) -> dict[str, Fact]:
    return {"source_id": source_id} if source_id else {}


def _note(note: str) -> dict[str, Fact]:
    return {"note": note} if note else {}


def _is_from(event: Event, actor: Actor, source_id: str) -> bool:
    by = event.actor.object_id if event.actor else None
    return bool(source_id) and (by, event.facts.get("source_id")) == (actor.object_id, source_id)


def _who_allowed(extension_request: Extension) -> set[str]:
    return {approval.approver.object_id for approval in extension_request.approvals}


def _is_over(request: Request, now: datetime) -> bool:
    """Return whether the window has ended, even if access isn't revoked yet."""
    return now >= end_of(request)


def _extension_request(request: Request) -> Extension:
    if request.extension is None:
        raise ValueError(f"{request.id} has no extension request")
    return request.extension
