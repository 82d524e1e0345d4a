"""The requester's message for each event."""

from datetime import datetime

from cards.access.left_out import left_out_fields
from cards.access.standing import describe_standing
from cards.access.start_messages import START_EVENTS, start_message
from cards.kit import text
from cards.kit.elements import Named, Sentence
from cards.kit.message import EventMessage, actor_of, fact, how_late, person, quoted, secrets_of
from cards.kit.terms import DENIED
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.reasons.sentences import sentence_in
from domain.access.request import AccessEvent, Request
from domain.durations import format_duration
from domain.workflow import Event


def requester_message(  # noqa: C901 - one branch an event
    request: Request, event: Event
) -> EventMessage:
    """Write the requester's message for an event; ValueError if they get none for its kind."""
    match event.kind:
        case AccessEvent.NOT_PERMITTED_YET:
            return not_permitted_yet(request, event)
        case kind if kind in START_EVENTS:
            return start_message(request, event, own=True)
        case AccessEvent.GRANTED:
            return _granted(request)
        case AccessEvent.DENIED:
            return _denied(request, event)
        case AccessEvent.LAPSED:
            return _lapsed(request)
        case AccessEvent.REVOKED:
            return _revoked(request, event)
        case AccessEvent.STUCK:
            return _stuck(request)
        case AccessEvent.CLOSED:
            return _closed(request)
        case AccessEvent.FAILED:
            return _failed(request, event)
        case AccessEvent.UNREACHABLE:
            return _unreachable(request, event)
        case kind:
            raise ValueError(f"the requester gets no message for {kind!r}")


def not_permitted_yet(request: Request, event: Event, answered: Sentence = ()) -> EventMessage:
    """Say that a grant waits for the bot's own permissions; only auditors see Azure's answer."""
    try:
        until = f"{datetime.fromisoformat(fact(event, 'until')):%H:%M} UTC"
    except ValueError:
        until = "its time is up"
    return EventMessage(
        title="Not granted yet",
        tone=Tone.WARNING,
        sentence=(
            "Azure doesn't let me grant access to ",
            *secrets_of(request),
            " yet. ",
            "New permissions take a few minutes to take effect; I'll keep trying until ",
            Named(until),
            ".",
            *answered,
        ),
    )


def _granted(request: Request) -> EventMessage:
    expires_at = request.granted.expires_at
    return EventMessage(
        title="Access granted",
        tone=Tone.GOOD,
        sentence=(
            "You can read ",
            *secrets_of(request),
            *((" until ", Named(utc(expires_at))) if expires_at else ()),
            f", for {format_duration(request.window)}.",
        ),
        fields=tuple(left_out_fields(request)),
    )


def _denied(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title=f"Request {DENIED}",
        tone=Tone.BAD,
        sentence=(actor_of(event), f" {DENIED} your request for ", *secrets_of(request), "."),
        quoted=quoted("Reason", fact(event, "reason")),
    )


def _lapsed(request: Request) -> EventMessage:
    waited = format_duration(request.lapses_at - request.requested_at)
    return EventMessage(
        title="Request expired",
        tone=Tone.WARNING,
        sentence=(
            "No one decided your request for ",
            *secrets_of(request),
            f" within {waited}. Nothing was granted. If you still need access, ask again.",
        ),
    )


def _revoked(request: Request, event: Event) -> EventMessage:
    if still := still_readable(event, "You", "of yours "):
        return EventMessage(
            title=CONTINUES,
            tone=Tone.WARNING,
            sentence=(
                "Your grant for ",
                *secrets_of(request),
                " has ended. ",
                *who_ended(request),
                *still,
                how_late(event),
            ),
        )
    return EventMessage(
        title="Access ended",
        tone=Tone.QUIET,
        sentence=(
            "Your access to ",
            *secrets_of(request),
            " has ended. ",
            *who_ended(request),
            f"{how_it_ended(event)}{how_late(event)}",
        ),
    )


CONTINUES = "Grant ended, access continues"


def still_readable(event: Event, who: str, whose: str = "") -> Sentence:
    """Say what the grantee can still read through other access, and until when; empty if nothing.

    ``who`` starts the sentence; ``whose`` follows "another grant": ``of yours ``.
    """
    secrets = Named(text.line(fact(event, "still_secrets")) or "it")
    if scope := fact(event, "still_scope"):
        role = describe_standing(fact(event, "still_role"), scope)
        why = (", because of ", Named(role), ", which Latchkey didn't assign.")
        return (f"{who} can still read ", secrets, *why)
    try:
        until = utc(datetime.fromisoformat(fact(event, "still_until")))
    except ValueError:
        return ()
    return (
        f"{who} can still read ",
        secrets,
        " until ",
        Named(until),
        f", because another grant {whose}lasts until then.",
    )


def who_ended(request: Request) -> Sentence:
    """Say who ended access early; empty if no one did."""
    return (person(request.ended_by), " ended it early. ") if request.ended_by else ()


def how_it_ended(event: Event) -> str:
    """Say what actually happened to the role assignments when access was revoked."""
    total, kept = event.facts.get("assignments"), event.facts.get("kept")
    if isinstance(total, int) and isinstance(kept, int):
        return _how_several_ended(event, total, kept)
    if event.facts.get("out_of_band"):
        return "Someone else removed the role assignment in Azure before access was due to end."
    if event.facts.get("shared"):
        return (
            "The role assignment stays for now, because another grant still uses it; "
            "it will be removed when that grant ends."
        )
    if not event.facts.get("found") and event.facts.get("granted") is False:
        return "No role assignment had been made yet."
    if not event.facts.get("found"):
        return "The role assignment was already gone when Latchkey tried to delete it."
    return (
        "The role assignment is deleted, and Azure confirms it. "
        "Reads may still succeed for a few minutes."
    )


def _how_several_ended(event: Event, total: int, kept: int) -> str:
    if not event.facts.get("found") and event.facts.get("granted") is False:
        return "No role assignment had been made yet."
    why = ""
    if event.facts.get("out_of_band"):
        why = "Someone else removed part of it in Azure before access was due to end. "
    if kept:
        stay = "1 of them stays" if kept == 1 else f"{kept} of them stay"
        return (
            f"{why}It had {total} role assignments. {stay} for now, because another grant still "
            "uses it; the others are deleted, and Azure confirms it."
        )
    return (
        f"{why}None of its {total} role assignments is left, and Azure confirms it. "
        "Reads may still succeed for a few minutes."
    )


def _stuck(request: Request) -> EventMessage:
    return EventMessage(
        title="Access not revoked yet",
        tone=Tone.BAD,
        sentence=(
            "Your access to ",
            *secrets_of(request),
            " should have ended, but Azure hasn't confirmed its removal, so it may still work. ",
            "Please don't use it. Latchkey keeps trying to revoke it, and the admins know.",
        ),
    )


def _closed(request: Request) -> EventMessage:
    return EventMessage(
        title="Closed by an admin",
        tone=Tone.WARNING,
        sentence=(
            "Your access to ",
            *secrets_of(request),
            " is over. An admin closed it because it couldn't be revoked as usual; ",
            "Azure hasn't confirmed that it's gone. Please don't use it.",
        ),
    )


def _failed(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title="Access not granted",
        tone=Tone.BAD,
        sentence=(
            "Your request for ",
            *secrets_of(request),
            " was approved, but nothing was granted.",
        ),
        quoted=quoted("What went wrong", sentence_in(event)),
    )


def _unreachable(request: Request, event: Event) -> EventMessage:
    approver = text.line(fact(event, "name"), text.LONGEST_NAME) or "An approver"
    return EventMessage(
        title="Approver not reachable",
        tone=Tone.WARNING,
        sentence=(
            Named(approver),
            " can't be reached in Teams, so your request for ",
            *secrets_of(request),
            " was posted to the channel instead. You don't need to do anything.",
        ),
    )
