"""Starts in the future: when access can start, and what happens at the start."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.access.grant import AzureAnswer
from domain.access.request import GRANT_PATIENCE, AccessEvent, Request
from domain.access.rules.policy import ALLOWED, Decision
from domain.access.transitions import changes, failures
from domain.reasons import Reason
from domain.refusals.starts import NoLaterStart, StartInThePast, StartTooFarAhead
from domain.workflow import Change, Event


def decide_start(starts_at: datetime | None, within: timedelta, now: datetime) -> Decision:
    """Decide whether access can start then; None is as soon as it is approved.

    ``within`` is how far ahead a start can be; zero if there can't be any.
    """
    if starts_at is None:
        return ALLOWED
    if not within:
        return Decision(NoLaterStart())
    if starts_at <= now:
        return Decision(StartInThePast(starts_at))
    if starts_at > now + within:
        return Decision(StartTooFarAhead(within))
    return ALLOWED


def is_missed(request: Request, now: datetime) -> bool:
    """Return whether the time that was asked for is over, as after a long outage of the bot."""
    patience = max(request.window, GRANT_PATIENCE)
    return request.starts_at is not None and now >= request.starts_at + patience


def start(request: Request, now: datetime) -> Change[Request]:
    """State the intent to grant scheduled access, once everything has been checked again."""
    head = replace(changes.begin_grant(request, now), start_by=None, cause="", answer=None)
    return Change(head, (Event(AccessEvent.STARTED, now),))


def refuse_start(request: Request, why: Reason, now: datetime) -> Change[Request]:
    """End a request that must not start; nothing was granted."""
    return changes.refuse_grant(replace(request, retry_at=None, start_by=None), why, now)


def miss(request: Request, now: datetime) -> Change[Request]:
    """End a request whose checks at the start failed for too long."""
    ended = refuse_start(request, failures.of_unchecked_start(), now)
    return Change(replace(ended.head, failed_with=request.answer), ended.events)


def check_again(
    request: Request,
    cause: str,
    now: datetime,
    *,
    jitter: float,
    retry_after: timedelta | None = None,
    answer: AzureAnswer | None = None,
) -> Change[Request]:
    """Try the checks at the start again later, for as long as a grant is tried."""
    noted = replace(request, start_by=request.start_by or now + GRANT_PATIENCE)
    return changes.try_again(
        noted, cause, now, jitter=jitter, retry_after=retry_after, answer=answer
    )
