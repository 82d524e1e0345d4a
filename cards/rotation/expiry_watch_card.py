"""Audit messages about the watch over a secret's expiry."""

from datetime import datetime

from cards.kit import text
from cards.kit.draw_message import draw_message
from cards.kit.elements import Content, Field, Named, Sentence, correlation
from cards.kit.evidence_note import evidence_note
from cards.kit.message import EventMessage, fact, quoted
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.reasons.sentences import sentence_in
from domain.rotation.schedule import LookFault, ScheduledRotation, ScheduleEvent
from domain.workflow import Event

_WHY = {
    LookFault.NOT_PERMITTED: "Latchkey isn't permitted to read it",
    LookFault.DISABLED: "its current version is disabled",
    LookFault.GONE: "the secret doesn't exist, or was deleted",
    LookFault.OTHER: "Key Vault doesn't answer as expected",
}
_MEANWHILE = "Until that's fixed, it won't be rotated before it expires."
_REMEDY = {
    LookFault.NOT_PERMITTED: "Give the bot Key Vault Secrets Officer on this secret.",
    LookFault.DISABLED: "Enable that version, or write a new one.",
    LookFault.GONE: "Recover or recreate it, or remove its rotation from the policy.",
    LookFault.OTHER: "See the error below.",
}


def watch_card(schedule: ScheduledRotation, event: Event, number: int, link: str = "") -> Content:
    """Draw the audit message for an event of a schedule; ValueError for kinds without one.

    ``number`` is the event's number for this schedule, from 1; ``link`` is its hash in the chain.
    """
    footer = correlation(schedule.id, evidence_note(number, link))
    return draw_message(f"Audit · {utc(event.at)}", _message(schedule, event), footer)


def watch_summary(schedule: ScheduledRotation, event: Event) -> str:
    """Return the notification for an event of a schedule, in one line of plain text."""
    return _message(schedule, event).summary()


def not_watched(schedule: ScheduledRotation) -> Sentence:
    """Say that a secret's expiry can't be checked, and why."""
    return (
        "The expiry of ",
        *_secret(schedule),
        f" can't be checked: {why(schedule)}.",
    )


def why(schedule: ScheduledRotation) -> str:
    """Say why a secret's expiry can't be checked."""
    return _WHY[schedule.look_fault or LookFault.OTHER]


def since(schedule: ScheduledRotation) -> str:
    """Say since when it can't be checked; follows other text."""
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
                    f" can't be checked: {_WHY[fault]}. {_MEANWHILE} {_REMEDY[fault]}",
                ),
                fields=(Field("First failed", _first_failed(event)),),
                quoted=quoted("Key Vault said", sentence_in(event, "cause")),
            )
        case ScheduleEvent.WATCHED:
            return EventMessage(
                title="Expiry watched again",
                tone=Tone.GOOD,
                sentence=("The expiry of ", *_secret(schedule), " can be checked again."),
                fields=(),
            )
        case kind:
            raise ValueError(f"there is no message for {kind!r} of a schedule")


def _first_failed(event: Event) -> str:
    try:
        return utc(datetime.fromisoformat(fact(event, "since")))
    except ValueError:
        return "not known"


def _secret(schedule: ScheduledRotation) -> Sentence:
    vault = (" in ", Named(text.id_of(schedule.vault_name))) if schedule.vault_name else ()
    return (Named(text.id_of(schedule.secret)), *vault)
