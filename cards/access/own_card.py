"""The requester's own card: one message that shows how their request is getting on."""

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

from cards.access.extension import extension_fields
from cards.access.how_to_read import how_to_read, portal_buttons
from cards.access.left_out import left_out_fields
from cards.access.progress import timeline
from cards.access.request_card import (
    failure,
    planned_start,
    reasons,
    request_status,
    who_wants_what,
)
from cards.access.scope import describe_roles, describe_scope
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
from cards.kit.sentences import sentence
from cards.kit.times import minute_of, span, utc
from cards.languages.texts import say
from domain.access.request import Request, RequestState
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
    status, tone = request_status(request)
    is_active = request.state is RequestState.ACTIVE
    reads = is_active and request.beneficiary is None
    body: list[CardElement] = [
        header(say("Access request"), status, tone),
        who_wants_what(request),
        *secret_list(request),
        *_now(request, now),
        *(_commands(request) if reads else []),
        *fields([*_start(request), *left_out_fields(request), *extension_fields(request)]),
        *reasons(request),
        *failure(request),
        *timeline(request),
        _details(request),
        correlation(request.id),
    ]
    return card(body, _actions(request, reads=reads))


def _now(request: Request, now: datetime) -> list[CardElement]:
    """Say in one sentence who is waited for, or how much time is left."""
    expires_at = request.grant.expires_at if request.grant else None
    as_of = minute_of(now, request.requested_at)
    match request.state:
        case RequestState.PENDING:
            return [
                rich_text(_waits_for(request, now)),
                local_caption(say("Decide by"), request.lapses_at),
            ]
        case RequestState.SCHEDULED if request.starts_at and now < request.starts_at:
            until = span(request.starts_at - now)
            starts = sentence(
                "Access starts in {until} as of {now}.", until=Named(until), now=as_of
            )
            return [rich_text(starts)]
        case RequestState.ACTIVE if expires_at and now < expires_at:
            left = span(expires_at - now)
            ends = sentence(
                "{left} left as of {now}: access ends at {end}.",
                left=Named(left),
                now=as_of,
                end=Named(utc(expires_at)),
            )
            return [rich_text(ends)]
        case _:
            return []


def _start(request: Request) -> list[Field]:
    if request.state is RequestState.SCHEDULED and request.starts_at:
        return [moment(say("Starts"), request.starts_at)]
    return planned_start(request)


def _waits_for(request: Request, now: datetime) -> Sentence:
    since = Named(minute_of(request.requested_at, now))
    waited, as_of = span(now - request.requested_at), minute_of(now, request.requested_at)
    if others := others_of(request):
        return sentence(
            "Waiting for {approvers} since {since}, {waited} as of {now}.",
            approvers=Named(others),
            since=since,
            waited=waited,
            now=as_of,
        )
    return sentence(
        "Waiting for an approver since {since}, {waited} as of {now}.",
        since=since,
        waited=waited,
        now=as_of,
    )


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
    shown = [
        Field(say("Requested"), utc(request.requested_at)),
        Field(say("Approvers"), others_of(request)),
        Field(say("Opens"), describe_scope(request.targets)),
        Field(say("Role"), describe_roles(request.targets)),
    ]
    why = [quote(say("Why"), request.justification)] if request.justification else []
    return Container(id=_DETAILS, is_visible=False, items=[*why, *fields(shown)])


def _actions(request: Request, *, reads: bool) -> Sequence[Action]:
    details = ToggleVisibilityAction(title=say("Details"), target_elements=[_DETAILS])
    data = {verbs.WORKFLOW: request.id, verbs.CARD: REQUESTER_CARD}
    refresh = _execute(say("Refresh"), verbs.REFRESH, data)
    again = [refresh] if request.state in _OPEN else []
    return [*_ways(request, reads=reads), details, *again]


def _ways(request: Request, *, reads: bool) -> list[Action]:
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
        case RequestState.ACTIVE:
            done = _execute(say("I'm done"), verbs.DONE, this)
            return [done, *extension_form(request), *(portal_buttons(request) if reads else [])]
        case _:
            return []


def _execute(
    title: str, verb: str, data: Mapping[str, str] = MappingProxyType({})
) -> ExecuteAction:
    return ExecuteAction(title=title, verb=verb, data=dict(data), associated_inputs="none")
