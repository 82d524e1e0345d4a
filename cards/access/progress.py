"""The timeline of a request for its requester: what has happened, and what comes next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from microsoft_teams.cards import CardElement, Container

from cards.access.rule_approval import describe_rule
from cards.kit import text
from cards.kit.elements import Named, Sentence, caption, paragraph, run
from cards.kit.message import person
from cards.kit.terms import DENIED
from cards.kit.times import minute_of
from domain.access.request import Request, RequestState
from domain.durations import format_duration


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that has happened, or will; without a time if none is on record."""

    at: datetime | None
    what: Sentence


def timeline(request: Request) -> list[CardElement]:
    """Draw what has happened to a request, oldest first, and what comes next."""
    done, coming = so_far(request), next_steps(request)
    return [
        *_drawn("So far", done, request.requested_at),
        *_drawn("Next", coming, request.requested_at),
    ]


def so_far(request: Request) -> list[TimelineEntry]:
    """Return what has happened, as far as the request still says when."""
    timed = [one for one in _happened(request) if one.at]
    untimed = [one for one in _happened(request) if one.at is None]
    return [*sorted(timed, key=lambda one: one.at or request.requested_at), *untimed]


def _happened(request: Request) -> Iterator[TimelineEntry]:
    yield TimelineEntry(request.requested_at, ("Requested",))
    yield from _decided(request)
    if request.grant and request.grant.granted_at:
        yield TimelineEntry(request.grant.granted_at, ("Access granted",))
    if request.extension:
        more = format_duration(request.extension.by)
        yield TimelineEntry(request.extension.asked_at, (f"{more} more asked for",))
    if request.ended_by and request.revoke_since:
        yield TimelineEntry(request.revoke_since, ("Ended early by ", person(request.ended_by)))
    if request.review:
        yield TimelineEntry(request.review.at, ("Reviewed by ", person(request.review.approver)))
    yield from _ended(request)


def _decided(request: Request) -> Iterator[TimelineEntry]:
    if request.broke_glass:
        yield TimelineEntry(request.requested_at, ("Break-glass access taken, without approval",))
    if request.approved_by_rule:
        yield TimelineEntry(request.requested_at, ("Approved by ", Named(describe_rule(request))))
    if request.reminded_at:
        yield TimelineEntry(request.reminded_at, ("Approvers reminded",))
    if request.approvers_since:
        yield TimelineEntry(request.approvers_since, ("Approvers changed",))
    for approval in request.approvals:
        yield TimelineEntry(approval.at, ("Approved by ", person(approval.approver)))
    if request.denial:
        who = request.denial.approver
        by = person(who) if who else Named("policy")
        yield TimelineEntry(request.denial.at, (f"{DENIED.capitalize()} by ", by))


def _ended(request: Request) -> Iterator[TimelineEntry]:
    match request.state:
        case RequestState.CANCELLED if request.ended_by:
            yield TimelineEntry(None, ("Called off before its start by ", person(request.ended_by)))
        case RequestState.CANCELLED:
            yield TimelineEntry(None, ("Cancelled",))
        case RequestState.LAPSED:
            yield TimelineEntry(request.lapses_at, ("Expired: no one decided in time",))
        case RequestState.REVOKED:
            yield TimelineEntry(request.gone_at, ("Access ended",))
        case RequestState.FAILED:
            yield TimelineEntry(request.gone_at, ("Failed, nothing granted",))
        case RequestState.CLOSED:
            yield TimelineEntry(None, ("Closed by an admin, removal not confirmed",))
        case _:
            return


def next_steps(request: Request) -> list[TimelineEntry]:
    """Return what comes next, by time; empty once nothing does."""
    steps = list(_coming(request))
    return sorted(steps, key=lambda one: (one.at is None, one.at or request.requested_at))


def _coming(request: Request) -> Iterator[TimelineEntry]:
    grant = request.grant
    match request.state:
        case RequestState.PENDING:
            yield from _while_pending(request)
        case RequestState.SCHEDULED:
            yield TimelineEntry(request.starts_at, ("Access starts",))
        case RequestState.GRANTING:
            yield TimelineEntry(None, ("Azure confirms the access",))
        case RequestState.ACTIVE if grant and grant.expires_at:
            if grant.warn_at:
                yield TimelineEntry(grant.warn_at, ("Warning that access ends soon",))
            yield TimelineEntry(grant.expires_at, ("Access ends",))
            yield from _rotated(request)
        case RequestState.REVOKING:
            yield TimelineEntry(None, ("Azure confirms that the access is gone",))
            yield from _rotated(request)
        case RequestState.STUCK:
            yield TimelineEntry(None, ("Latchkey keeps trying to revoke the access",))
        case _:
            return


def _while_pending(request: Request) -> Iterator[TimelineEntry]:
    if request.remind_at:
        yield TimelineEntry(request.remind_at, ("Approvers are reminded",))
    if request.escalate_at:
        yield TimelineEntry(request.escalate_at, ("More approvers are asked",))
    if request.starts_at:
        yield TimelineEntry(request.starts_at, ("Access starts, if it's approved by then",))
    yield TimelineEntry(request.lapses_at, ("Request expires if no one decides",))


def _rotated(request: Request) -> Iterator[TimelineEntry]:
    names = [text.id_of(target.secret) for target in request.targets if target.rotate_after]
    for name in names if request.failure is None else []:
        yield TimelineEntry(None, (Named(name), " is rotated afterwards"))


def _drawn(label: str, steps: list[TimelineEntry], first: datetime) -> list[CardElement]:
    if not steps:
        return []
    lines: list[CardElement] = [_line(step, first) for step in steps]
    return [Container(spacing="Medium", items=[caption(label), *lines])]


def _line(step: TimelineEntry, first: datetime) -> CardElement:
    at = [run(f"{minute_of(step.at, first)}  ", subtle=True)] if step.at else []
    said = [
        run(each.words, bold=True) if isinstance(each, Named) else run(each) for each in step.what
    ]
    return paragraph(*at, *said, spacing="None")
