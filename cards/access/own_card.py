"""The requester's own card: one message that shows how their request is getting on.

What it says of a request that isn't over stays true for ever: it isn't updated when the requester
gets a message of its own, and a client may not ask for its present content.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from microsoft_teams.cards import (
    Action,
    CardElement,
    Container,
    ExecuteAction,
    ToggleVisibilityAction,
)

from cards.access.parts.asking import asked_for
from cards.access.parts.extension import extension_fields
from cards.access.parts.how_to_read import how_to_read, portal_buttons
from cards.access.parts.left_out import left_out_fields
from cards.access.parts.scope import describe_roles, describe_scope
from cards.access.progress import timeline
from cards.access.request_card import (
    failure,
    planned_start,
    reasons,
    request_status,
)
from cards.access.window_card import extension_form
from cards.kit import verbs
from cards.kit.elements import (
    Content,
    Field,
    Named,
    Sentence,
    caption,
    card,
    correlation,
    fields,
    header,
    local_caption,
    moment,
    quote,
    rich_text,
)
from cards.kit.message import MOST_IN_A_SENTENCE, others_of
from cards.kit.secret_list import secret_list
from cards.kit.sentences import sentence, together
from cards.kit.times import at_minute_of, minute_of, span, utc
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.access.request import Request, RequestState, overdue_since
from domain.announcement import REQUESTER_CARD

_DETAILS = "details"

_OPEN = frozenset(
    {
        RequestState.PENDING,
        RequestState.SCHEDULED,
        RequestState.GRANTING,
        RequestState.ACTIVE,
        RequestState.REVOKING,
        RequestState.STUCK,
    }
)


def own_card(request: Request, now: datetime) -> Content:
    """Draw a request for the person who made it, in their own chat, as it is ``now``.

    What approvers need to know is under Details.
    """
    status, tone = _status(request, now)
    is_active = request.state is RequestState.ACTIVE and overdue_since(request, now) is None
    reads = is_active and request.beneficiary is None
    body: list[CardElement] = [
        header(say("Access request"), status, tone),
        rich_text(asked_for(request)),
        *secret_list(request),
        *_now(request, now),
        *(_commands(request) if reads else []),
        *fields([*_start(request), *left_out_fields(request), *extension_fields(request)]),
        *reasons(request),
        *failure(request),
        *timeline(request, now),
        _details(request),
        correlation(request.id),
    ]
    return card(body, _actions(request, now, reads=reads))


def _status(request: Request, now: datetime) -> tuple[str, Tone]:
    """Return what was done about a request that isn't over, in a few words, and its colour."""
    match request.state:
        case RequestState.PENDING:
            return say("Sent for approval"), Tone.INFO
        case RequestState.SCHEDULED:
            return say("Approved for a later start"), Tone.INFO
        case RequestState.GRANTING if request.broke_glass:
            return say("Break-glass access requested"), Tone.INFO
        case RequestState.GRANTING if request.approved_by_rule:
            return say("Approved by rule"), Tone.INFO
        case RequestState.GRANTING:
            return say("Approved"), Tone.INFO
        case RequestState.ACTIVE if overdue_since(request, now):
            return say("Should have ended"), Tone.WARNING
        case RequestState.REVOKING if request.failure and not request.watched_until:
            return say("Couldn't be granted"), Tone.WARNING
        case _:
            return request_status(request)


def _now(request: Request, now: datetime) -> list[CardElement]:
    """Say who was asked, or how much time is left, and as of when."""
    expires_at = request.grant.expires_at if request.grant else None
    as_of = minute_of(now, request.requested_at)
    match request.state:
        case RequestState.PENDING:
            return [
                rich_text(_sent_to(request, now)),
                local_caption(say("Decide by"), request.lapses_at),
                _told_apart(),
            ]
        case RequestState.SCHEDULED if request.start_by:
            checks = sentence(
                "As of {now}, the checks at its start go on until {until}.",
                now=as_of,
                until=Named(utc(request.start_by)),
            )
            return [rich_text(checks), _told_apart()]
        case RequestState.SCHEDULED if request.starts_at and now < request.starts_at:
            until = span(request.starts_at - now)
            starts = sentence(
                "Access starts in {until} as of {now}.", until=Named(until), now=as_of
            )
            return [rich_text(starts), _told_apart()]
        case RequestState.GRANTING if request.waits_for_room:
            full = sentence(
                "Not granted yet as of {now}: the subscription had no room for it.", now=as_of
            )
            return [rich_text(full), _told_apart()]
        case RequestState.GRANTING:
            return [rich_text(sentence("Not granted yet as of {now}.", now=as_of)), _told_apart()]
        case RequestState.ACTIVE if expires_at and now < expires_at:
            left = span(expires_at - now)
            ends = sentence(
                "{left} left as of {now}: access ends on {end}.",
                left=Named(left),
                now=as_of,
                end=Named(utc(expires_at)),
            )
            return [rich_text(ends)]
        case RequestState.ACTIVE if expires_at:
            late = sentence(
                "Access should have ended on {end}, but hadn't as of {now}. Please don't use it.",
                end=Named(utc(expires_at)),
                now=as_of,
            )
            return [rich_text(late)]
        case _:
            return []


def _start(request: Request) -> list[Field]:
    label = say("Planned start")
    if request.state is RequestState.SCHEDULED and request.starts_at:
        return [moment(label, request.starts_at)]
    return [start._replace(label=label) for start in planned_start(request)]


def _sent_to(request: Request, now: datetime) -> Sentence:
    at = Named(at_minute_of(request.requested_at, now))
    others = others_of(request)
    sent = (
        sentence("Sent {when} for {approvers} to decide.", when=at, approvers=Named(others))
        if others
        else sentence("Sent {when} for an approver to decide.", when=at)
    )
    return together(sent, _undecided(request, now))


def _undecided(request: Request, now: datetime) -> Sentence:
    waited, as_of = span(now - request.requested_at), minute_of(now, request.requested_at)
    needed = request.terms.min_approvals
    if needed == 1:
        return sentence("Not decided as of {now}, after {waited}.", now=as_of, waited=waited)
    return sentence(
        "{count} of {needed} had approved as of {now}, after {waited}.",
        count=len(request.approvals),
        needed=needed,
        now=as_of,
        waited=waited,
    )


def _told_apart() -> CardElement:
    return caption(say("The outcome comes in a message of its own."), "None")


def _commands(request: Request) -> list[CardElement]:
    """Draw how to read the secrets; for many of them, say which message has the commands."""
    if len(request.targets) <= MOST_IN_A_SENTENCE:
        return how_to_read(request)
    where = say(
        "The message “{title}” has the command for each secret.", title=say("Access granted")
    )
    return [caption(where, "Medium")]


def _details(request: Request) -> CardElement:
    """Draw what is hidden until the reader asks for it."""
    shown = [Field(say("Requested"), utc(request.requested_at))]
    if not request.is_unchecked:
        shown += [
            Field(say("Approvers"), others_of(request)),
            Field(say("Opens"), describe_scope(request.targets)),
            Field(say("Role"), describe_roles(request.targets)),
        ]
    why = [quote(say("Why"), request.justification)] if request.justification else []
    return Container(id=_DETAILS, is_visible=False, items=[*why, *fields(shown)])


def _actions(request: Request, now: datetime, *, reads: bool) -> Sequence[Action]:
    details = ToggleVisibilityAction(title=say("Details"), target_elements=[_DETAILS])
    data = {verbs.WORKFLOW: request.id, verbs.CARD: REQUESTER_CARD}
    refresh = _execute(say("Refresh"), verbs.REFRESH, data)
    again = [refresh] if request.state in _OPEN else []
    return [*_ways(request, now, reads=reads), details, *again]


def _ways(request: Request, now: datetime, *, reads: bool) -> list[Action]:
    """Draw what the requester can do now."""
    this = {verbs.REQUEST: request.id}
    match request.state:
        case RequestState.PENDING:
            at = request.reminded_at
            seen = {verbs.SINCE: at.isoformat() if at else ""}
            return [
                _execute(say("Remind"), verbs.REMIND, {**this, **seen}),
                _execute(say("Cancel request"), verbs.WITHDRAW, this),
            ]
        case RequestState.SCHEDULED:
            return [_execute(say("Cancel request"), verbs.WITHDRAW, this)]
        case RequestState.ACTIVE if overdue_since(request, now) is None:
            done = _execute(say("I'm done"), verbs.DONE, this)
            return [done, *extension_form(request), *(portal_buttons(request) if reads else [])]
        case _:
            return []


def _execute(
    title: str, verb: str, data: Mapping[str, str] = MappingProxyType({})
) -> ExecuteAction:
    return ExecuteAction(title=title, verb=verb, data=dict(data), associated_inputs="none")
