"""The timeline of a request for its requester: what has happened, and what comes next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from microsoft_teams.cards import CardElement, Container

from cards.access.messages.proof_messages import proof_of
from cards.access.parts.limits import approved_by
from cards.access.parts.rule_approval import describe_rule
from cards.kit import text
from cards.kit.elements import Named, Sentence, caption, paragraph, run, runs_of
from cards.kit.message import person
from cards.kit.sentences import sentence
from cards.kit.times import duration, minute_of
from cards.languages.texts import say
from domain.access.request import Request, RequestState
from domain.access.transitions.opened import opened_since, to_rotate


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that has happened, or will; without a time if none is on record."""

    at: datetime | None
    what: Sentence


def timeline(request: Request, now: datetime) -> list[CardElement]:
    """Draw what has happened to a request, oldest first, and what comes next as of ``now``."""
    done, coming = so_far(request), next_steps(request, now)
    coming_next = say("Next, as of {now}", now=minute_of(now, request.requested_at))
    return [
        *_drawn(say("So far"), done, request.requested_at),
        *_drawn(coming_next, coming, request.requested_at),
    ]


def so_far(request: Request) -> list[TimelineEntry]:
    """Return what has happened, as far as the request still says when."""
    timed = [one for one in _happened(request) if one.at]
    untimed = [one for one in _happened(request) if one.at is None]
    return [*sorted(timed, key=lambda one: one.at or request.requested_at), *untimed]


def _happened(request: Request) -> Iterator[TimelineEntry]:
    yield TimelineEntry(request.requested_at, sentence("Requested"))
    yield from _decided(request)
    if request.grant and request.grant.granted_at:
        yield TimelineEntry(request.grant.granted_at, sentence("Access granted"))
    if request.extension:
        asked = sentence("{more} more asked for", more=duration(request.extension.by))
        yield TimelineEntry(request.extension.asked_at, asked)
    if request.ended_by and request.revoke_since:
        yield TimelineEntry(
            request.revoke_since, sentence("Ended early by {who}", who=person(request.ended_by))
        )
    if request.review:
        yield TimelineEntry(
            request.review.at, sentence("Reviewed by {who}", who=person(request.review.approver))
        )
    yield from _ended(request)


def _decided(request: Request) -> Iterator[TimelineEntry]:
    if request.broke_glass:
        yield TimelineEntry(
            request.requested_at, sentence("Break-glass access taken, without approval")
        )
    if request.approved_by_rule:
        approved = sentence("Approved by {who}", who=Named(describe_rule(request)))
        yield TimelineEntry(request.requested_at, approved)
    if request.reminded_at:
        yield TimelineEntry(request.reminded_at, sentence("Approvers reminded"))
    if request.approvers_since:
        yield TimelineEntry(request.approvers_since, sentence("Approvers changed"))
    for approval in request.approvals:
        yield TimelineEntry(approval.at, approved_by(request, approval))
    if request.denial:
        who = request.denial.approver
        denied = (
            sentence("Denied by {who}", who=person(who)) if who else sentence("Denied by policy")
        )
        yield TimelineEntry(request.denial.at, denied)


def _ended(request: Request) -> Iterator[TimelineEntry]:
    match request.state:
        case RequestState.CANCELLED if request.ended_by:
            yield TimelineEntry(
                None, sentence("Called off before its start by {who}", who=person(request.ended_by))
            )
        case RequestState.CANCELLED:
            yield TimelineEntry(None, sentence("Cancelled"))
        case RequestState.LAPSED:
            yield TimelineEntry(request.lapses_at, sentence("Expired: not decided in time"))
        case RequestState.REVOKED:
            yield TimelineEntry(request.gone_at, sentence("Access ended"))
            if shown := proof_of(request):
                yield TimelineEntry(None, shown)
        case RequestState.FAILED if opened_since(request):
            yield TimelineEntry(request.gone_at, sentence("Grant failed"))
            if shown := proof_of(request):
                yield TimelineEntry(None, shown)
        case RequestState.FAILED:
            yield TimelineEntry(request.gone_at, sentence("Failed, nothing granted"))
        case RequestState.CLOSED:
            yield TimelineEntry(None, sentence("Closed by an admin, removal not confirmed"))
        case _:
            return


def next_steps(request: Request, now: datetime) -> list[TimelineEntry]:
    """Return what comes next as of ``now``, by time; empty once nothing does."""
    steps = list(_coming(request, now))
    return sorted(steps, key=lambda one: (one.at is None, one.at or request.requested_at))


def _coming(request: Request, now: datetime) -> Iterator[TimelineEntry]:
    grant = request.grant
    match request.state:
        case RequestState.PENDING:
            yield from _while_pending(request)
        case RequestState.SCHEDULED:
            yield TimelineEntry(request.starts_at, sentence("Access starts"))
        case RequestState.GRANTING:
            yield TimelineEntry(None, sentence("Azure confirms the access"))
        case RequestState.ACTIVE if grant and grant.expires_at:
            if grant.warn_at:
                yield TimelineEntry(grant.warn_at, sentence("Warning that access ends soon"))
            yield TimelineEntry(grant.expires_at, sentence("Access ends"))
            yield from _rotated(request)
        case RequestState.REVOKING:
            yield TimelineEntry(None, sentence("Azure confirms that the access is gone"))
            yield from _rotated(request)
        case RequestState.STUCK:
            yield TimelineEntry(None, sentence("Latchkey keeps trying to revoke the access"))
        case RequestState.REVOKED | RequestState.FAILED if request.gone_at:
            yield from _due(request, request.gone_at, now)
        case _:
            return


def _while_pending(request: Request) -> Iterator[TimelineEntry]:
    if request.remind_at:
        yield TimelineEntry(request.remind_at, sentence("Approvers are reminded"))
    if request.escalate_at:
        yield TimelineEntry(request.escalate_at, sentence("More approvers are asked"))
    if request.starts_at:
        yield TimelineEntry(request.starts_at, sentence("Access starts, if it's approved by then"))
    yield TimelineEntry(request.lapses_at, sentence("Request expires if it isn't decided"))


def _rotated(request: Request) -> Iterator[TimelineEntry]:
    for target in to_rotate(request):
        secret, wait = Named(text.id_of(target.secret)), target.rotation_waits
        rotated = sentence("{secret} is rotated afterwards", secret=secret)
        if wait:
            later = duration(wait)
            rotated = sentence("{secret} is rotated {time} later", secret=secret, time=later)
        yield TimelineEntry(None, rotated)


def _due(request: Request, ended_at: datetime, now: datetime) -> Iterator[TimelineEntry]:
    for target in to_rotate(request):
        if now < (at := ended_at + target.rotation_waits):
            secret = Named(text.id_of(target.secret))
            yield TimelineEntry(at, sentence("{secret} is rotated", secret=secret))


def _drawn(label: str, steps: list[TimelineEntry], first: datetime) -> list[CardElement]:
    if not steps:
        return []
    lines: list[CardElement] = [_line(step, first) for step in steps]
    return [Container(spacing="Medium", items=[caption(label), *lines])]


def _line(step: TimelineEntry, first: datetime) -> CardElement:
    at = [run(f"{minute_of(step.at, first)}  ", subtle=True)] if step.at else []
    return paragraph(*at, *runs_of(step.what), spacing="None")
