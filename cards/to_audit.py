"""What the audit channel is told of each event: all of them, with their facts."""

from cards import text
from cards.approver_tellings import tell_new_approvers
from cards.azure_answers import answer_in, azure_answered, is_locked
from cards.elements import Field, Named, Sentence
from cards.overdue_tellings import OVERDUE_EVENTS, tell_overdue
from cards.review_tellings import REVIEW_EVENTS, tell_review
from cards.scope import say_roles, say_scope
from cards.telling import (
    Telling,
    actor_of,
    asks_for,
    fact,
    how_late,
    others_of,
    person,
    quoted,
    secrets_of,
)
from cards.times import utc
from cards.to_requester import (
    CONTINUES,
    how_it_ended,
    not_permitted_yet,
    still_readable,
    who_ended,
)
from cards.tone import Tone
from cards.window_tellings import WINDOW_EVENTS, tell_window
from domain.access import AccessEvent, Request
from domain.durations import say_duration
from domain.workflow import Event


def tell_audit(request: Request, event: Event) -> Telling:  # noqa: C901 - one branch an event
    """Put one event into words for the audit channel."""
    match event.kind:
        case AccessEvent.REQUESTED:
            return _requested(request)
        case AccessEvent.BLOCKED:
            return _blocked(request, event)
        case AccessEvent.APPROVED:
            return _approved(request, event)
        case AccessEvent.APPROVERS_CHANGED:
            return tell_new_approvers(request, event)
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
            return _vanished(request, event)
        case AccessEvent.REVOKED:
            return _revoked(request, event)
        case AccessEvent.STUCK:
            return _stuck(request, event)
        case kind if kind in OVERDUE_EVENTS:
            return tell_overdue(request, event)
        case AccessEvent.FAILED:
            return _failed(request, event)
        case kind if kind in REVIEW_EVENTS:
            return tell_review(request, event)
        case kind if kind in WINDOW_EVENTS:
            return tell_window(request, event)
        case kind:
            raise ValueError(f"{kind!r} is no event of an access request")


def _requested(request: Request) -> Telling:
    return Telling(
        title="Access requested",
        tone=Tone.INFO,
        sentence=asks_for(request, "asks", say_duration(request.window)),
        fields=(
            Field("Opens", say_scope(request.targets)),
            Field("Approvers", text.names_of(others_of(request))),
        ),
        quoted=quoted("Why", request.justification),
    )


def _blocked(request: Request, event: Event) -> Telling:
    return Telling(
        title="Blocked request",
        tone=Tone.BAD,
        sentence=(
            person(request.requester),
            " asked to read ",
            *secrets_of(request),
            " and was refused.",
        ),
        quoted=quoted("Policy said", fact(event, "reason")),
    )


def _approved(request: Request, event: Event) -> Telling:
    count, needed = text.line(fact(event, "approvals")), text.line(fact(event, "needed"))
    return Telling(
        title="Approved",
        tone=Tone.INFO,
        sentence=(
            actor_of(event),
            " approved ",
            *_whose_request(request),
            f": {count} of {needed} needed.",
        ),
    )


def _denied(request: Request, event: Event) -> Telling:
    return Telling(
        title="Denied",
        tone=Tone.BAD,
        sentence=(actor_of(event), " denied ", *_whose_request(request), "."),
        quoted=quoted("Reason", fact(event, "reason")),
    )


def _cancelled(request: Request, event: Event) -> Telling:
    return Telling(
        title="Cancelled",
        tone=Tone.QUIET,
        sentence=(
            actor_of(event),
            " withdrew the request for ",
            *secrets_of(request),
            " before it was decided.",
        ),
    )


def _lapsed(request: Request) -> Telling:
    waited = say_duration(request.lapses_at - request.requested_at)
    return Telling(
        title="Lapsed",
        tone=Tone.QUIET,
        sentence=("Nobody decided ", *_whose_request(request), f" within {waited}."),
    )


def _unreachable(request: Request, event: Event) -> Telling:
    approver = text.line(fact(event, "name"), text.LONGEST_NAME) or "An approver"
    return Telling(
        title="Approver unreachable",
        tone=Tone.WARNING,
        sentence=(
            Named(approver),
            " could not be reached in Teams; ",
            *_whose_request(request),
            " is posted in this channel.",
        ),
    )


def _granted(request: Request, event: Event) -> Telling:
    expires_at = request.granted.expires_at
    return Telling(
        title="Access granted",
        tone=Tone.GOOD,
        sentence=(person(request.holder), " can read ", *secrets_of(request), "."),
        fields=(
            Field("Until", utc(expires_at) if expires_at else "not known"),
            Field("Role", say_roles(request.targets)),
            Field("Opens", say_scope(request.targets)),
            Field(_assignments(request), text.line(fact(event, "assignment"))),
        ),
    )


def _assignments(request: Request) -> str:
    return "Role assignment" if len(request.assignments) == 1 else "Role assignments"


def _ended(request: Request) -> Telling:
    return Telling(
        title="Window over",
        tone=Tone.INFO,
        sentence=(*_whose_access(request), " has ended and is being taken away."),
    )


def _ended_early(request: Request, event: Event) -> Telling:
    expires_at = request.granted.expires_at
    return Telling(
        title="Ended early",
        tone=Tone.INFO,
        sentence=(
            actor_of(event),
            " ended ",
            *_whose_access(request),
            " before its time; it is being taken away.",
        ),
        fields=(Field("Was to end at", utc(expires_at) if expires_at else "not granted yet"),),
    )


def _gave_up(request: Request, event: Event) -> Telling:
    return Telling(
        title="Grant given up",
        tone=Tone.WARNING,
        sentence=(
            "Access to ",
            *secrets_of(request),
            " could not be granted to ",
            person(request.requester),
            "; whatever the attempt left is being taken away.",
            *azure_answered(event),
        ),
        quoted=quoted("What went wrong", fact(event, "reason")),
    )


def _vanished(request: Request, event: Event) -> Telling:
    gone: Sentence = (
        " is gone before its time: somebody else removed the role assignment in Azure. ",
        "The request is closed.",
    )
    if part := text.line(fact(event, "secrets")):
        gone = (
            " ends before its time: somebody else removed the role assignment for ",
            Named(part),
            " in Azure. What is left of it is being taken away, and the request is closed.",
        )
    return Telling(
        title="Access removed out of band",
        tone=Tone.WARNING,
        sentence=(*_whose_access(request), *gone),
    )


def _revoked(request: Request, event: Event) -> Telling:
    if still := still_readable(event, "They"):
        return Telling(
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
    return Telling(
        title="Access revoked",
        tone=Tone.QUIET,
        sentence=(
            *_whose_access(request),
            " is over. ",
            *who_ended(request),
            f"{how_it_ended(event)}{how_late(event)}",
        ),
    )


def _stuck(request: Request, event: Event) -> Telling:
    since = request.revoke_since
    what_to_do = (
        " should be gone, but a resource lock keeps Azure from taking it away. ",
        "Remove the lock: the access is taken away within five minutes then.",
    )
    if not is_locked(answer_in(event)):
        what_to_do = (
            " should be gone, but Azure has not confirmed it. ",
            "It is retried until Azure does; look into it now.",
        )
    return Telling(
        title="Revocation stuck",
        tone=Tone.BAD,
        sentence=(*_whose_access(request), *what_to_do, *azure_answered(event)),
        fields=(
            Field("Due since", utc(since) if since else "not known"),
            Field("Attempts", text.line(fact(event, "attempt"))),
        ),
        quoted=quoted("Azure said", fact(event, "cause")),
    )


def _failed(request: Request, event: Event) -> Telling:
    return Telling(
        title="Failed, nothing granted",
        tone=Tone.BAD,
        sentence=(
            person(request.requester),
            " was not given access to ",
            *secrets_of(request),
            f".{how_late(event)}",
            *azure_answered(event),
        ),
        quoted=quoted("What went wrong", fact(event, "reason")),
    )


def _whose_request(request: Request) -> Sentence:
    return person(request.requester), "'s request for ", *secrets_of(request)


def _whose_access(request: Request) -> Sentence:
    return person(request.holder), "'s access to ", *secrets_of(request)
