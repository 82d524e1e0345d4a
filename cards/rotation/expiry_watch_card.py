"""Audit messages about the watch over a secret's expiry."""

from datetime import datetime

from cards.kit import text
from cards.kit.draw_message import draw_audit_message
from cards.kit.elements import Content, Field, Named, Sentence, correlation
from cards.kit.evidence_note import evidence_note
from cards.kit.message import EventMessage, fact, quoted
from cards.kit.sentences import sentence, together
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.languages.texts import say
from cards.reasons.sentences import sentence_in
from cards.rotation.wording import secret_in
from domain.phrases import mark
from domain.rotation.schedule import LookFault, ScheduledRotation, ScheduleEvent
from domain.workflow import Event

_WHY = {
    LookFault.NOT_PERMITTED: mark("Latchkey isn't permitted to read it"),
    LookFault.DISABLED: mark("its current version is disabled"),
    LookFault.GONE: mark("the secret doesn't exist, or was deleted"),
    LookFault.OTHER: mark("Key Vault doesn't answer as expected"),
}
_REMEDY = {
    LookFault.NOT_PERMITTED: mark("Give the bot Key Vault Secrets Officer on this secret."),
    LookFault.DISABLED: mark("Enable that version, or write a new one."),
    LookFault.GONE: mark("Recover or recreate it, or remove its rotation from the policy."),
    LookFault.OTHER: mark("See the error below."),
}


def watch_card(schedule: ScheduledRotation, event: Event, number: int, link: str = "") -> Content:
    """Draw the audit message for an event of a schedule; ValueError for kinds without one.

    ``number`` is the event's number for this schedule, from 1; ``link`` is its hash in the chain.
    """
    footer = correlation(schedule.id, evidence_note(number, link))
    return draw_audit_message(event, _message(schedule, event), footer)


def watch_summary(schedule: ScheduledRotation, event: Event) -> str:
    """Return the notification for an event of a schedule, in one line of plain text."""
    return _message(schedule, event).summary()


def not_watched(schedule: ScheduledRotation) -> Sentence:
    """Say that a secret's expiry can't be checked, and why."""
    return _not_checked(schedule, schedule.look_fault or LookFault.OTHER)


def why_not_watched(schedule: ScheduledRotation) -> str:
    """Say that an expiry can't be checked, since when and why, below the secret's name."""
    why = say(_WHY[schedule.look_fault or LookFault.OTHER])
    if schedule.failing_since is None:
        return say("Its expiry can't be checked: {why}", why=why)
    since = utc(schedule.failing_since)
    return say("Its expiry can't be checked since {since}: {why}", since=since, why=why)


def _not_checked(schedule: ScheduledRotation, fault: LookFault) -> Sentence:
    return sentence(
        "The expiry of {secret} can't be checked: {why}.",
        secret=_secret(schedule),
        why=say(_WHY[fault]),
    )


def _message(schedule: ScheduledRotation, event: Event) -> EventMessage:
    match event.kind:
        case ScheduleEvent.NOT_WATCHED:
            fault = LookFault(str(event.facts.get("fault", LookFault.OTHER)))
            return EventMessage(
                title=say("Expiry not watched"),
                tone=Tone.BAD,
                sentence=together(
                    _not_checked(schedule, fault),
                    say("Until that's fixed, it won't be rotated before it expires."),
                    say(_REMEDY[fault]),
                ),
                fields=(Field(say("First failed"), _first_failed(event)),),
                quoted=quoted(say("Key Vault said"), sentence_in(event, "cause")),
            )
        case ScheduleEvent.WATCHED:
            return EventMessage(
                title=say("Expiry watched again"),
                tone=Tone.GOOD,
                sentence=sentence(
                    "The expiry of {secret} can be checked again.", secret=_secret(schedule)
                ),
                fields=(),
            )
        case kind:
            raise ValueError(f"there is no message for {kind!r} of a schedule")


def _first_failed(event: Event) -> str:
    try:
        return utc(datetime.fromisoformat(fact(event, "since")))
    except ValueError:
        return say("not known")


def _secret(schedule: ScheduledRotation) -> Sentence:
    if schedule.vault_name:
        return secret_in(schedule.secret, schedule.vault_name)
    return (Named(text.id_of(schedule.secret)),)
