"""The audit message for each event of a request, with its facts."""

from dataclasses import replace

from cards.access.approver_messages import new_approvers_message
from cards.access.left_out import left_out_fields
from cards.access.overdue_messages import OVERDUE_EVENTS, overdue_message
from cards.access.requester_messages import (
    CONTINUES,
    how_it_ended,
    not_permitted_yet,
    still_readable,
    who_ended,
)
from cards.access.review_messages import REVIEW_EVENTS, review_message
from cards.access.scope import describe_roles, describe_scope
from cards.access.start_messages import START_EVENTS, start_message
from cards.access.step_up_messages import confirmation_fields, refused_sign_in_message
from cards.access.window_messages import WINDOW_EVENTS, window_message
from cards.kit import text
from cards.kit.azure_answers import answer_in, azure_answered, is_locked
from cards.kit.elements import Field, Named, Sentence, moment
from cards.kit.message import (
    EventMessage,
    actor_of,
    asks_for,
    fact,
    how_late,
    others_of,
    person,
    quoted,
    secrets_of,
)
from cards.kit.terms import DENIED
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.reasons.sentences import sentence_in
from domain.access.leaving_out import as_asked_for
from domain.access.request import AccessEvent, Request
from domain.durations import format_duration
from domain.workflow import Event

_LONGEST_LIST = 1_500
"""Characters: the names of ten secrets fit."""


def audit_message(request: Request, event: Event) -> EventMessage:
    """Write the audit message for an event, with the sign-in that confirmed it."""
    message = _message(request, event)
    return replace(message, fields=(*message.fields, *confirmation_fields(event)))


def _message(request: Request, event: Event) -> EventMessage:  # noqa: C901 - one branch an event
    match event.kind:
        case AccessEvent.REQUESTED:
            return _requested(as_asked_for(request))
        case AccessEvent.BLOCKED:
            return _blocked(request, event)
        case AccessEvent.APPROVED:
            return _approved(request, event)
        case AccessEvent.APPROVED_BY_RULE:
            return _approved_by_rule(request, event)
        case AccessEvent.APPROVERS_CHANGED:
            return new_approvers_message(request, event)
        case kind if kind in START_EVENTS:
            return start_message(request, event)
        case AccessEvent.SIGN_IN_REFUSED:
            return refused_sign_in_message(request, event)
        case AccessEvent.DENIED:
            return _denied(request, event)
        case AccessEvent.CANCELLED:
            return _cancelled(request, event)
        case AccessEvent.LAPSED:
            return _lapsed(request)
        case AccessEvent.UNREACHABLE:
            return _unreachable(request, event)
        case AccessEvent.NOT_PERMITTED_YET:
            return not_permitted_yet(request, event, azure_answered(event))
        case AccessEvent.GRANTED:
            return _granted(request, event)
        case AccessEvent.ENDED:
            return _ended(request)
        case AccessEvent.ENDED_EARLY:
            return _ended_early(request, event)
        case AccessEvent.GAVE_UP:
            return _gave_up(request, event)
        case AccessEvent.VANISHED:
            return _missing(request, event)
        case AccessEvent.REVOKED:
            return _revoked(request, event)
        case AccessEvent.STUCK:
            return _stuck(request, event)
        case kind if kind in OVERDUE_EVENTS:
            return overdue_message(request, event)
        case AccessEvent.FAILED:
            return _failed(request, event)
        case kind if kind in REVIEW_EVENTS:
            return review_message(request, event)
        case kind if kind in WINDOW_EVENTS:
            return window_message(request, event)
        case kind:
            raise ValueError(f"{kind!r} is not an event of an access request")


def _requested(request: Request) -> EventMessage:
    return EventMessage(
        title="Access requested",
        tone=Tone.INFO,
        sentence=asks_for(request, "asks", format_duration(request.window)),
        fields=(
            Field("Opens", describe_scope(request.targets)),
            Field("Approvers", others_of(request)),
            *([moment("Starts", request.starts_at)] if request.starts_at else []),
        ),
        quoted=quoted("Why", request.justification),
    )


def _blocked(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title="Request blocked by policy",
        tone=Tone.BAD,
        sentence=(
            person(request.requester),
            " asked to read ",
            *secrets_of(request),
            " and was refused.",
        ),
        quoted=quoted("Why the policy refuses it", sentence_in(event)),
    )


def _approved(request: Request, event: Event) -> EventMessage:
    count, needed = text.line(fact(event, "approvals")), text.line(fact(event, "needed"))
    return EventMessage(
        title="Approved",
        tone=Tone.INFO,
        sentence=(
            actor_of(event),
            " approved ",
            *_whose_request(request),
            f": {count} of {needed} needed.",
            *_without(event),
        ),
        quoted=quoted("Note", fact(event, "note")),
    )


def _approved_by_rule(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title="Approved by rule",
        tone=Tone.INFO,
        sentence=(
            "The policy approved ",
            *_whose_request(request),
            "; no one was asked. The rule: ",
            Named(text.line(fact(event, "rule"))),
            ".",
        ),
        fields=(Field("Conditions", text.line(fact(event, "conditions"))),),
    )


def _without(event: Event) -> Sentence:
    names = text.line(fact(event, "left_out"), _LONGEST_LIST)
    return (" Left out: ", Named(names), ".") if names else ()


def _denied(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title=DENIED.capitalize(),
        tone=Tone.BAD,
        sentence=(actor_of(event), f" {DENIED} ", *_whose_request(request), "."),
        quoted=quoted("Reason", fact(event, "reason")),
    )


def _cancelled(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title="Cancelled",
        tone=Tone.QUIET,
        sentence=(
            actor_of(event),
            " withdrew the request for ",
            *secrets_of(request),
            " before its start." if event.facts.get("starts_at") else " before it was decided.",
        ),
    )


def _lapsed(request: Request) -> EventMessage:
    waited = format_duration(request.lapses_at - request.requested_at)
    return EventMessage(
        title="Request expired",
        tone=Tone.QUIET,
        sentence=("No one decided ", *_whose_request(request), f" within {waited}."),
    )


def _unreachable(request: Request, event: Event) -> EventMessage:
    approver = text.line(fact(event, "name"), text.LONGEST_NAME) or "An approver"
    return EventMessage(
        title="Approver not reachable",
        tone=Tone.WARNING,
        sentence=(
            Named(approver),
            " can't be reached in Teams; ",
            *_whose_request(request),
            " was posted in this channel.",
        ),
    )


def _granted(request: Request, event: Event) -> EventMessage:
    expires_at = request.granted.expires_at
    return EventMessage(
        title="Access granted",
        tone=Tone.GOOD,
        sentence=(person(request.holder), " can read ", *secrets_of(request), "."),
        fields=(
            Field("Until", utc(expires_at) if expires_at else "not known"),
            Field("Role", describe_roles(request.targets)),
            Field("Opens", describe_scope(request.targets)),
            *left_out_fields(request),
            Field(_assignments(request), text.line(fact(event, "assignment"))),
        ),
    )


def _assignments(request: Request) -> str:
    return "Role assignment" if len(request.assignments) == 1 else "Role assignments"


def _ended(request: Request) -> EventMessage:
    return EventMessage(
        title="Access expired",
        tone=Tone.INFO,
        sentence=(*_whose_access(request), " has expired and is being removed."),
    )


def _ended_early(request: Request, event: Event) -> EventMessage:
    expires_at = request.granted.expires_at
    return EventMessage(
        title="Ended early",
        tone=Tone.INFO,
        sentence=(
            actor_of(event),
            " ended ",
            *_whose_access(request),
            " early; it is being removed.",
        ),
        fields=(Field("Was due to end", utc(expires_at) if expires_at else "not granted yet"),),
    )


def _gave_up(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title="Grant failed",
        tone=Tone.WARNING,
        sentence=(
            "Access to ",
            *secrets_of(request),
            " could not be granted to ",
            person(request.requester),
            "; anything the attempt left behind is being removed.",
            *azure_answered(event),
        ),
        quoted=quoted("What went wrong", sentence_in(event)),
    )


def _missing(request: Request, event: Event) -> EventMessage:
    gone: Sentence = (
        " ended early: someone else removed the role assignment in Azure. ",
        "The request is closed.",
    )
    if part := text.line(fact(event, "secrets")):
        gone = (
            " ends early: someone else removed the role assignment for ",
            Named(part),
            " in Azure. The rest is being removed, and the request is closed.",
        )
    return EventMessage(
        title="Access removed out of band",
        tone=Tone.WARNING,
        sentence=(*_whose_access(request), *gone),
    )


def _revoked(request: Request, event: Event) -> EventMessage:
    if still := still_readable(event, "They"):
        return EventMessage(
            title=CONTINUES,
            tone=Tone.WARNING,
            sentence=(
                person(request.holder),
                "'s grant for ",
                *secrets_of(request),
                " has ended. ",
                *who_ended(request),
                *still,
                f" {how_it_ended(event)}{how_late(event)}",
            ),
            fields=tuple(
                Field("Other grant", by) for by in [text.line(fact(event, "still_by"))] if by
            ),
        )
    return EventMessage(
        title="Access revoked",
        tone=Tone.QUIET,
        sentence=(
            *_whose_access(request),
            " has ended. ",
            *who_ended(request),
            f"{how_it_ended(event)}{how_late(event)}",
        ),
    )


def _stuck(request: Request, event: Event) -> EventMessage:
    since = request.revoke_since
    what_to_do = (
        " should be gone, but a resource lock keeps Azure from removing it. ",
        "Remove the lock, and the access will be removed within five minutes.",
    )
    if not is_locked(answer_in(event)):
        what_to_do = (
            " should be gone, but Azure hasn't confirmed it. ",
            "Latchkey retries until Azure does. Please look into it now.",
        )
    return EventMessage(
        title="Revocation stuck",
        tone=Tone.BAD,
        sentence=(*_whose_access(request), *what_to_do, *azure_answered(event)),
        fields=(
            Field("Due since", utc(since) if since else "not known"),
            Field("Attempts", text.line(fact(event, "attempt"))),
        ),
        quoted=quoted("Azure said", fact(event, "cause")),
    )


def _failed(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title="Failed, nothing granted",
        tone=Tone.BAD,
        sentence=(
            person(request.requester),
            " didn't get access to ",
            *secrets_of(request),
            f".{how_late(event)}",
            *azure_answered(event),
        ),
        quoted=quoted("What went wrong", sentence_in(event)),
    )


def _whose_request(request: Request) -> Sentence:
    return person(request.requester), "'s request for ", *secrets_of(request)


def _whose_access(request: Request) -> Sentence:
    return person(request.holder), "'s access to ", *secrets_of(request)
