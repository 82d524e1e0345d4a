"""What the requester is told of each event."""

from datetime import datetime

from cards.access.standing import describe_standing
from cards.kit import text
from cards.kit.elements import Named, Sentence
from cards.kit.message import EventMessage, actor_of, fact, how_late, person, quoted, secrets_of
from cards.kit.times import utc
from cards.kit.tone import Tone
from domain.access.request import AccessEvent, Request
from domain.durations import format_duration
from domain.workflow import Event


def requester_message(request: Request, event: Event) -> EventMessage:
    """Put one event into words for the requester; ValueError for a kind they are not told of."""
    match event.kind:
        case AccessEvent.NOT_PERMITTED_YET:
            return not_permitted_yet(request, event)
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
            raise ValueError(f"the requester is not told of {kind!r}")


def not_permitted_yet(request: Request, event: Event, answered: Sentence = ()) -> EventMessage:
    """Say that a grant waits for the bot's own rights; the same to everybody but for codes."""
    try:
        until = f"{datetime.fromisoformat(fact(event, 'until')):%H:%M} UTC"
    except ValueError:
        until = "its time is over"
    return EventMessage(
        title="Not granted yet",
        tone=Tone.WARNING,
        sentence=(
            "Access to ",
            *secrets_of(request),
            " has to wait: Azure does not let me assign this role yet. ",
            "New permissions take some minutes to take effect; I'll keep trying until ",
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
    )


def _denied(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title="Request denied",
        tone=Tone.BAD,
        sentence=(actor_of(event), " denied your request for ", *secrets_of(request), "."),
        quoted=quoted("Reason", fact(event, "reason")),
    )


def _lapsed(request: Request) -> EventMessage:
    waited = format_duration(request.lapses_at - request.requested_at)
    return EventMessage(
        title="Request lapsed",
        tone=Tone.WARNING,
        sentence=(
            "Nobody decided your request for ",
            *secrets_of(request),
            f" within {waited}. Nothing was granted. If you still need it, ask again.",
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
            " is over. ",
            *who_ended(request),
            f"{how_it_ended(event)}{how_late(event)}",
        ),
    )


CONTINUES = "Grant ended, access continues"


def still_readable(event: Event, who: str, whose: str = "") -> Sentence:
    """Say what somebody can still read by another grant, and until when; nothing where it's none.

    ``who`` begins a sentence and ``whose`` goes before the grant's end: ``of yours ``.
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
    """Say who ended access before its time; nothing where nobody did."""
    return (person(request.ended_by), " ended it early. ") if request.ended_by else ()


def how_it_ended(event: Event) -> str:
    """Say what really happened to the role assignments when access was taken away."""
    total, kept = event.facts.get("assignments"), event.facts.get("kept")
    if isinstance(total, int) and isinstance(kept, int):
        return _how_several_ended(event, total, kept)
    if event.facts.get("out_of_band"):
        return "Somebody else removed the role assignment in Azure before the window was over."
    if event.facts.get("shared"):
        return (
            "The role assignment stays for now, because another grant still uses it; "
            "it goes when that one ends."
        )
    if not event.facts.get("found") and event.facts.get("granted") is False:
        return "No role assignment had been made yet."
    if not event.facts.get("found"):
        return "The role assignment was already gone when Latchkey came to delete it."
    return (
        "The role assignment is deleted, and Azure confirms it. "
        "A read may still succeed for some minutes."
    )


def _how_several_ended(event: Event, total: int, kept: int) -> str:
    if not event.facts.get("found") and event.facts.get("granted") is False:
        return "No role assignment had been made yet."
    why = ""
    if event.facts.get("out_of_band"):
        why = "Somebody else removed a part of it in Azure before the window was over. "
    if kept:
        stay = "1 of them stays" if kept == 1 else f"{kept} of them stay"
        return (
            f"{why}It had {total} role assignments. {stay} for now, because another grant still "
            "uses it; the others are deleted, and Azure confirms it."
        )
    return (
        f"{why}None of its {total} role assignments is left, and Azure confirms it. "
        "A read may still succeed for some minutes."
    )


def _stuck(request: Request) -> EventMessage:
    return EventMessage(
        title="Access could not be taken away yet",
        tone=Tone.BAD,
        sentence=(
            "Your access to ",
            *secrets_of(request),
            " should have ended, but Azure has not confirmed its removal, so it may still work. ",
            "Please do not use it. Latchkey keeps trying, and the admins know.",
        ),
    )


def _closed(request: Request) -> EventMessage:
    return EventMessage(
        title="Closed by an admin",
        tone=Tone.WARNING,
        sentence=(
            "Your access to ",
            *secrets_of(request),
            " is over. An admin closed it, since it could not be removed in the usual way; ",
            "Azure has not confirmed that it is gone. Please do not use it.",
        ),
    )


def _failed(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title="Access could not be granted",
        tone=Tone.BAD,
        sentence=(
            "Your request for ",
            *secrets_of(request),
            " was approved, but nothing was granted.",
        ),
        quoted=quoted("What went wrong", fact(event, "reason")),
    )


def _unreachable(request: Request, event: Event) -> EventMessage:
    approver = text.line(fact(event, "name"), text.LONGEST_NAME) or "An approver"
    return EventMessage(
        title="An approver could not be reached",
        tone=Tone.WARNING,
        sentence=(
            Named(approver),
            " could not be reached in Teams, so your request for ",
            *secrets_of(request),
            " was posted to the channel instead. You need do nothing.",
        ),
    )
