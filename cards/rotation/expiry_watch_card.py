"""What the audit channel is told of the watch over a secret's expiry."""

from datetime import datetime

from cards.kit import text
from cards.kit.draw_message import draw_message
from cards.kit.elements import Content, Field, Named, Sentence, correlation
from cards.kit.evidence_note import evidence_note
from cards.kit.message import EventMessage, fact, quoted
from cards.kit.times import utc
from cards.kit.tone import Tone
from domain.rotation.schedule import LookFault, ScheduledRotation, ScheduleEvent
from domain.workflow import Event

_WHY = {
    LookFault.NOT_PERMITTED: "Latchkey may not read it",
    LookFault.DISABLED: "its current version is disabled",
    LookFault.GONE: "there is no such secret, or it was deleted",
    LookFault.OTHER: "Key Vault does not answer as it should",
}
_MEANWHILE = "Until that is put right, it is not rotated before it expires."
_REMEDY = {
    LookFault.NOT_PERMITTED: "Give the bot Key Vault Secrets Officer on this secret.",
    LookFault.DISABLED: "Enable that version, or write a new one.",
    LookFault.GONE: "Recover it or make it anew, or take its rotation out of the policy.",
    LookFault.OTHER: "Look at what it says below.",
}


def watch_card(schedule: ScheduledRotation, event: Event, number: int, link: str = "") -> Content:
    """Draw an event of a schedule; ValueError for a kind that nobody is told of.

    ``number`` is its place in what happened to the schedule, from 1, and ``link`` its hash in the
    chain.
    """
    footer = correlation(schedule.id, evidence_note(number, link))
    return draw_message(f"Audit · {utc(event.at)}", _message(schedule, event), footer)


def watch_summary(schedule: ScheduledRotation, event: Event) -> str:
    """Say an event of a schedule in one line of plain text, for the notification."""
    return _message(schedule, event).summary()


def not_watched(schedule: ScheduledRotation) -> Sentence:
    """Say that a secret's expiry can't be looked at, and why."""
    return (
        "The expiry of ",
        *_secret(schedule),
        f" cannot be looked at: {why(schedule)}.",
    )


def why(schedule: ScheduledRotation) -> str:
    """Say why a secret's expiry can't be looked at, in words."""
    return _WHY[schedule.look_fault or LookFault.OTHER]


def since(schedule: ScheduledRotation) -> str:
    """Say since when that is so, to follow other words."""
    return f" since {utc(schedule.failing_since)}" if schedule.failing_since else ""


def _message(schedule: ScheduledRotation, event: Event) -> EventMessage:
    match event.kind:
        case ScheduleEvent.NOT_WATCHED:
            fault = LookFault(str(event.facts.get("fault", LookFault.OTHER)))
            return EventMessage(
                title="Expiry not watched",
                tone=Tone.BAD,
                sentence=(
                    "The expiry of ",
                    *_secret(schedule),
                    f" cannot be looked at: {_WHY[fault]}. {_MEANWHILE} {_REMEDY[fault]}",
                ),
                fields=(Field("First failed", _first_failed(event)),),
                quoted=quoted("Key Vault said", fact(event, "cause")),
            )
        case ScheduleEvent.WATCHED:
            return EventMessage(
                title="Expiry watched again",
                tone=Tone.GOOD,
                sentence=("The expiry of ", *_secret(schedule), " can be looked at again."),
                fields=(),
            )
        case kind:
            raise ValueError(f"nobody is told of {kind!r} of a schedule")


def _first_failed(event: Event) -> str:
    try:
        return utc(datetime.fromisoformat(fact(event, "since")))
    except ValueError:
        return "not known"


def _secret(schedule: ScheduledRotation) -> Sentence:
    vault = (" in ", Named(text.id_of(schedule.vault_name))) if schedule.vault_name else ()
    return (Named(text.id_of(schedule.secret)), *vault)
