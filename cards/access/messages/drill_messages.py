"""Audit messages about a drill; those about its access are those of every other one."""

from cards.access.drill_card import secret_of
from cards.access.messages.audit_messages import audit_message
from cards.kit import text
from cards.kit.azure_answers import azure_answered
from cards.kit.draw_message import draw_audit_message
from cards.kit.elements import Content, Field, correlation
from cards.kit.evidence_note import evidence_note
from cards.kit.message import EventMessage, actor_of, quoted
from cards.kit.sentences import sentence, together
from cards.kit.times import brief
from cards.kit.tone import Tone
from cards.languages.texts import say
from cards.reasons.sentences import sentence_in
from domain.drill.drill import Drill, DrillEvent
from domain.workflow import Event


def drill_audit_card(drill: Drill, event: Event, number: int, link: str = "") -> Content:
    """Draw the audit message for an event.

    ``number`` is the event's number for this drill, from 1; ``link`` is its hash in the chain.
    """
    footer = correlation(drill.id, evidence_note(number, link))
    return draw_audit_message(event, drill_message(drill, event), footer)


def drill_message(drill: Drill, event: Event) -> EventMessage:
    """Write the message for an event of a drill or of its access."""
    match event.kind:
        case DrillEvent.BEGUN:
            return _begun(drill, event)
        case DrillEvent.SUCCEEDED:
            return _succeeded(drill)
        case DrillEvent.FAILED:
            return _failed(drill, event)
        case _:
            return audit_message(drill.access, event)


def _begun(drill: Drill, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Drill begun"),
        tone=Tone.INFO,
        sentence=sentence(
            "{who} begins a drill with {secret}.", who=actor_of(event), secret=secret_of(drill)
        ),
    )


def _succeeded(drill: Drill) -> EventMessage:
    again = say("The drill before it failed.") if drill.after_failure else ""
    return EventMessage(
        title=say("Drill succeeded"),
        tone=Tone.GOOD,
        sentence=together(
            sentence(
                "Access to {secret} was given and taken away again, and Azure confirms both.",
                secret=secret_of(drill),
            ),
            again,
        ),
        fields=_measured(drill),
    )


def _failed(drill: Drill, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Drill failed"),
        tone=Tone.BAD,
        sentence=together(
            sentence(
                "Giving and taking away access to {secret} didn't work as it should.",
                secret=secret_of(drill),
            ),
            text.line(sentence_in(event)),
            azure_answered(event),
            say("People's access may fail in the same way. Please look into it now."),
        ),
        fields=_measured(drill),
        quoted=quoted(say("Azure said"), drill.access.cause),
    )


def _measured(drill: Drill) -> tuple[Field, ...]:
    if drill.given_after is None:
        return ()
    gone = brief(drill.lateness) if drill.lateness is not None else say("not known")
    return Field(say("Given after"), brief(drill.given_after)), Field(say("Late by"), gone)
