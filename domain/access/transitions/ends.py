"""When access ends, and the warning before that."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.access.request import AccessEvent, Request
from domain.workflow import Change, Event, Fact

WARN_BEFORE = timedelta(minutes=15)
"""How long before the end to warn the grantee; a quarter of the window if that is shorter."""

TOO_SHORT_TO_WARN = timedelta(minutes=2)


def end_of(request: Request) -> datetime:
    """Return when access ends; ValueError while it has no end."""
    expires_at = request.granted.expires_at
    if expires_at is None:
        raise ValueError(f"{request.id} has no end yet: it is {request.state}")
    return expires_at


def warning_of(started: datetime, expires_at: datetime) -> datetime | None:
    """Return when to warn of the end; None if the window is too short for a warning."""
    window = expires_at - started
    if window < TOO_SHORT_TO_WARN:
        return None
    return expires_at - min(WARN_BEFORE, window / 4)


def warn(request: Request, now: datetime) -> Change[Request]:
    """Warn that the window ends soon."""
    head = replace(request, grant=replace(request.granted, warn_at=None))
    facts: dict[str, Fact] = {"expires_at": end_of(request).isoformat()}
    return Change(head, (Event(AccessEvent.EXPIRES_SOON, now, None, facts),))
