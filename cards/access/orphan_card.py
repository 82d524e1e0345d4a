"""Audit messages about an orphaned role assignment: one that no lease covers."""

from cards.access.parts.scope import describe_role
from cards.kit import text
from cards.kit.azure_answers import answer_in, azure_answered, is_locked
from cards.kit.draw_message import draw_audit_message
from cards.kit.elements import Content, Field, Named, Sentence, correlation
from cards.kit.evidence_note import evidence_note
from cards.kit.message import EventMessage, actor_of, fact, how_late, quoted
from cards.kit.sentences import sentence, together
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.reconciliation.orphan import Orphan, OrphanEvent
from domain.workflow import Event


def orphan_card(orphan: Orphan, event: Event, number: int, link: str = "") -> Content:
    """Draw the audit message for an event of an orphan; ValueError for kinds without one.

    ``number`` is the event's number for this orphan, from 1; ``link`` is its hash in the chain.
    """
    footer = correlation(orphan.id, evidence_note(number, link))
    return draw_audit_message(event, _message(orphan, event), footer)


def orphan_summary(orphan: Orphan, event: Event) -> str:
    """Return the notification for an event of an orphan, in one line of plain text."""
    return _message(orphan, event).summary()


def _message(orphan: Orphan, event: Event) -> EventMessage:
    match event.kind:
        case OrphanEvent.REVOKED:
            return _revoked(orphan, event)
        case OrphanEvent.STUCK:
            return _stuck(orphan, event)
        case OrphanEvent.RETRIED:
            return _retried(orphan, event)
        case OrphanEvent.CLOSED:
            return _closed(orphan, event)
        case kind:
            raise ValueError(f"there is no message for {kind!r} of an orphan")


def _revoked(orphan: Orphan, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Orphaned access removed"),
        tone=Tone.WARNING,
        sentence=together(_what_was_found(orphan, event), how_late(event)),
        fields=_fields(orphan),
        quoted=quoted(say("Description"), orphan.description),
    )


def _what_was_found(orphan: Orphan, event: Event) -> Sentence:
    who = _for_whom(orphan)
    if event.facts.get("found"):
        return sentence(
            "A role assignment that Latchkey made for {who} and that no lease covers was removed, "
            "and Azure confirms it.",
            who=who,
        )
    return sentence(
        "A role assignment that Latchkey made for {who} and that no lease covers was already gone "
        "when Latchkey tried to remove it.",
        who=who,
    )


def _stuck(orphan: Orphan, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Orphaned access can't be removed"),
        tone=Tone.BAD,
        sentence=together(
            _what_to_do(orphan, event),
            sentence(
                "Its description: {description}.",
                description=Named(text.line(orphan.description)),
            ),
            azure_answered(event),
        ),
        fields=(*_fields(orphan), Field(say("Attempts"), text.line(fact(event, "attempt")))),
        quoted=quoted(say("Azure said"), fact(event, "cause")),
    )


def _what_to_do(orphan: Orphan, event: Event) -> Sentence:
    who = _for_whom(orphan)
    if is_locked(answer_in(event)):
        return together(
            sentence(
                "A role assignment that Latchkey made for {who} and that no lease covers should "
                "be gone, but a resource lock keeps Azure from removing it.",
                who=who,
            ),
            say("Remove the lock, and it will be removed within five minutes."),
        )
    return together(
        sentence(
            "A role assignment that Latchkey made for {who} and that no lease covers should be "
            "gone, but Azure hasn't confirmed it.",
            who=who,
        ),
        say("Latchkey retries until Azure does. Please look into it now."),
    )


def _retried(orphan: Orphan, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Retrying now"),
        tone=Tone.INFO,
        sentence=sentence(
            "{actor} asked Latchkey to remove this now: A role assignment that Latchkey made for "
            "{who} and that no lease covers.",
            actor=actor_of(event),
            who=_for_whom(orphan),
        ),
        fields=_fields(orphan),
    )


def _closed(orphan: Orphan, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Closed by an admin, removal not confirmed"),
        tone=Tone.BAD,
        sentence=together(
            sentence(
                "A role assignment that Latchkey made for {who} and that no lease covers was "
                "closed by {actor}.",
                actor=actor_of(event),
                who=_for_whom(orphan),
            ),
            say(
                "Latchkey no longer tries to remove it, and Azure hasn't confirmed that it's gone."
            ),
        ),
        fields=_fields(orphan),
        quoted=quoted(say("Reason"), fact(event, "reason")),
    )


def _for_whom(orphan: Orphan) -> Named:
    return Named(text.line(orphan.assignment.principal_id))


def _fields(orphan: Orphan) -> tuple[Field, ...]:
    created_at = orphan.created_at
    return (
        Field(say("Role"), text.line(describe_role(orphan.assignment.role))),
        Field(say("Scope"), text.line(orphan.assignment.scope)),
        Field(say("Created"), utc(created_at) if created_at else say("not known")),
        Field(say("Role assignment"), orphan.assignment.id),
    )
