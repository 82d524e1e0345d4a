"""What happens to the window of an active request: the warning, and more time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain import refusals
from domain.access.policy import ALLOWED, Decision
from domain.access.request import AccessEvent, Approval, Extension, Grant, Request, RequestState
from domain.people import Actor, is_approver
from domain.workflow import Change, Event, Fact

WARN_BEFORE = timedelta(minutes=15)
"""How long before the end its person is warned; for a short window a quarter of it."""

TOO_SHORT_TO_WARN = timedelta(minutes=2)


def warning_of(started: datetime, expires_at: datetime) -> datetime | None:
    """Say when to warn of the end; None where the window is too short for that to be of use."""
    window = expires_at - started
    if window < TOO_SHORT_TO_WARN:
        return None
    return expires_at - min(WARN_BEFORE, window / 4)


def warn(request: Request, now: datetime) -> Change[Request]:
    """Tell that the window ends soon."""
    head = replace(request, grant=replace(request.granted, warn_at=None))
    facts: dict[str, Fact] = {"expires_at": _end(request).isoformat()}
    return Change(head, (Event(AccessEvent.EXPIRES_SOON, now, None, facts),))


def decide_extension(
    request: Request, actor: Actor, by: timedelta | None, now: datetime
) -> Decision:
    """Decide whether this person may ask for this much more time.

    After the end nobody may, though the worker may be late and the access still be there.
    """
    if actor.object_id not in request.involved:
        return Decision(refusals.NotYourGrant())
    if request.state is not RequestState.ACTIVE:
        return Decision(refusals.NothingToExtend(request.state))
    if _is_over(request, now):
        return Decision(refusals.TooLateToExtend(_end(request)))
    if by is None:
        return Decision(refusals.UnreadableDuration())
    if request.extension:
        return Decision(refusals.ExtensionAskedAlready(request.extension.by))
    most = most_more(request)
    if by > most:
        return Decision(refusals.ExtensionTooLong(most))
    return ALLOWED


def most_more(request: Request) -> timedelta:
    """Say how much more time the cap leaves."""
    started = request.granted.granted_at or _end(request)
    return max(timedelta(), started + request.terms.longest - _end(request))


def open_extension(request: Request) -> Extension | None:
    """Return the wish for more time that can be decided now; one that access outlived cannot."""
    return request.extension if request.state is RequestState.ACTIVE else None


def is_open_extension(request: Request, event: Event) -> bool:
    """Say whether this event asked for the more time that can be decided now."""
    extension_request = open_extension(request)
    if extension_request is None or event.kind != AccessEvent.EXTENSION_ASKED:
        return False
    return event.at == extension_request.asked_at


def extensions_asked(request: Request, events: Sequence[Event]) -> int:
    """Count the wishes for more time so far, whatever became of them."""
    freely = request.terms.extend_freely
    kind = AccessEvent.EXTENDED if freely else AccessEvent.EXTENSION_ASKED
    return sum(event.kind == kind for event in events)


def was_asked(events: Sequence[Event], actor: Actor, said: str) -> bool:
    """Say whether this person's wish is recorded; what was refused may be wished for again."""
    for event in reversed(events):
        if _was_said(event, actor, said):
            return True
        if event.kind == AccessEvent.EXTENSION_DENIED:
            return False
    return False


def was_allowed(request: Request, events: Sequence[Event], actor: Actor, said: str) -> bool:
    """Say whether this person's yes to the wish of that name is recorded."""
    extension_request = open_extension(request)
    if extension_request and extension_request.said == said:
        return actor.object_id in _who_allowed(extension_request)
    kinds = {AccessEvent.EXTENSION_ALLOWED, AccessEvent.EXTENDED}
    return any(event.kind in kinds and _was_said(event, actor, said) for event in events)


def was_refused(request: Request, events: Sequence[Event], actor: Actor, said: str) -> bool:
    """Say whether this person's no to the wish of that name is recorded."""
    extension_request = open_extension(request)
    if extension_request and extension_request.said == said:
        return False  # what was refused under this name before was another wish
    kind = AccessEvent.EXTENSION_DENIED
    return any(event.kind == kind and _was_said(event, actor, said) for event in events)


def ask_extension(
    request: Request, actor: Actor, by: timedelta, now: datetime, said: str = ""
) -> Change[Request]:
    """Ask the approvers for more time; ``said`` names the message or click that does."""
    head = replace(request, extension=Extension(by, now, said))
    facts: dict[str, Fact] = {"by": by.total_seconds(), **_said(said)}
    return Change(head, (Event(AccessEvent.EXTENSION_ASKED, now, actor, facts),))


def allow_extension(
    request: Request, actor: Actor, now: datetime, said: str = ""
) -> Change[Request]:
    """Add an approver's yes; the one that completes the quorum moves the end."""
    extension_request = _extension_request(request)
    approvals = (*extension_request.approvals, Approval(actor, now))
    if len(approvals) >= request.terms.min_approvals:
        return extend(request, actor, extension_request.by, now, said)
    facts: dict[str, Fact] = {
        "by": extension_request.by.total_seconds(),
        "approvals": len(approvals),
        "needed": request.terms.min_approvals,
        "expires_at": _end(request).isoformat(),
        **_said(said),
    }
    head = replace(request, extension=replace(extension_request, approvals=approvals))
    return Change(head, (Event(AccessEvent.EXTENSION_ALLOWED, now, actor, facts),))


def extend(
    request: Request, actor: Actor, by: timedelta, now: datetime, said: str = ""
) -> Change[Request]:
    """Move the end, within the cap; ``actor`` allowed it last, or need not ask."""
    expires_at = _end(request) + min(by, most_more(request))
    grant: Grant = replace(
        request.granted, expires_at=expires_at, warn_at=warning_of(now, expires_at)
    )
    facts: dict[str, Fact] = {
        "by": by.total_seconds(),
        "expires_at": expires_at.isoformat(),
        **_said(said),
    }
    head = replace(request, grant=grant, extension=None)
    return Change(head, (Event(AccessEvent.EXTENDED, now, actor, facts),))


def decide_extension_answer(
    request: Request, actor: Actor, now: datetime, said: str | None = None
) -> Decision:
    """Decide whether this person may answer the extension that was asked for.

    With ``said``, the answer is to the wish of that name and to no other one.
    """
    if actor.object_id in request.involved:
        return Decision(refusals.SelfApproval())
    if not is_approver(actor, request.terms.approvers):
        return Decision(refusals.NotAnApprover(request.terms.approvers))
    extension_request = open_extension(request)
    if extension_request is None or (said is not None and extension_request.said != said):
        return Decision(refusals.ExtensionDecided())
    if _is_over(request, now):
        return Decision(refusals.TooLateToExtend(_end(request)))
    if actor.object_id in _who_allowed(extension_request):
        return Decision(refusals.AlreadyApproved())
    return ALLOWED


def deny_extension(
    request: Request, actor: Actor, now: datetime, said: str = ""
) -> Change[Request]:
    """Leave the end where it is."""
    facts: dict[str, Fact] = {"expires_at": _end(request).isoformat(), **_said(said)}
    head = replace(request, extension=None)
    return Change(head, (Event(AccessEvent.EXTENSION_DENIED, now, actor, facts),))


def _said(said: str) -> dict[str, Fact]:
    return {"said": said} if said else {}


def _was_said(event: Event, actor: Actor, said: str) -> bool:
    by = event.actor.object_id if event.actor else ""
    return bool(said) and (by, event.facts.get("said")) == (actor.object_id, said)


def _who_allowed(extension_request: Extension) -> set[str]:
    return {approval.approver.object_id for approval in extension_request.approvals}


def _is_over(request: Request, now: datetime) -> bool:
    """Say whether the window is over, whoever is late to take the access away."""
    return now >= _end(request)


def _extension_request(request: Request) -> Extension:
    if request.extension is None:
        raise ValueError(f"nobody asks for more time for {request.id}")
    return request.extension


def _end(request: Request) -> datetime:
    expires_at = request.granted.expires_at
    if expires_at is None:
        raise ValueError(f"{request.id} has no end yet: it is {request.state}")
    return expires_at
