"""What happens to the window of an active request: the warning, and more time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain import refusals
from domain.access import AccessEvent, Extension, Grant, Request, RequestState
from domain.people import Actor
from domain.policy import ALLOWED, Decision
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


def decide_extension(request: Request, actor: Actor, by: timedelta | None) -> Decision:
    """Decide whether this person may ask for this much more time."""
    if actor.object_id not in request.involved:
        return Decision(refusals.NotYourGrant())
    if request.state is not RequestState.ACTIVE:
        return Decision(refusals.NothingToExtend(request.state))
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


def was_said(events: Sequence[Event], actor: Actor, said: str) -> bool:
    """Say whether this person's wish or answer is recorded; what was refused may be said again."""
    for event in reversed(events):
        by = event.actor.object_id if event.actor else ""
        if said and (by, event.facts.get("said")) == (actor.object_id, said):
            return True
        if event.kind == AccessEvent.EXTENSION_DENIED:
            return False
    return False


def ask_extension(
    request: Request, actor: Actor, by: timedelta, now: datetime, said: str = ""
) -> Change[Request]:
    """Ask the approvers for more time; ``said`` names the message or click that does."""
    head = replace(request, extension=Extension(by, now, said))
    facts: dict[str, Fact] = {"by": by.total_seconds(), **_said(said)}
    return Change(head, (Event(AccessEvent.EXTENSION_ASKED, now, actor, facts),))


def extend(
    request: Request, actor: Actor, by: timedelta, now: datetime, said: str = ""
) -> Change[Request]:
    """Move the end, within the cap; ``actor`` is who allowed what was ``said``."""
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


def decide_extension_answer(request: Request, actor: Actor, said: str | None = None) -> Decision:
    """Decide whether this person may answer the extension that was asked for.

    With ``said``, the answer is to the wish of that name and to no other one.
    """
    if actor.object_id in request.involved:
        return Decision(refusals.SelfApproval())
    if actor.object_id not in {person.object_id for person in request.terms.approvers}:
        return Decision(refusals.NotAnApprover(request.terms.approvers))
    if request.state is not RequestState.ACTIVE or request.extension is None:
        return Decision(refusals.ExtensionDecided())
    if said is not None and request.extension.said != said:
        return Decision(refusals.ExtensionDecided())
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


def _end(request: Request) -> datetime:
    expires_at = request.granted.expires_at
    if expires_at is None:
        raise ValueError(f"{request.id} has no end yet: it is {request.state}")
    return expires_at
