"""What the audit channel is told of a change of the policy file."""

from cards.kit import text
from cards.kit.draw_message import draw_message
from cards.kit.elements import Content, Field, Named, correlation
from cards.kit.message import EventMessage, fact, quoted
from cards.kit.times import utc
from cards.kit.tone import Tone
from domain.policy_file import MOST_FAULTS_TOLD, PolicyFile, PolicyFileEvent
from domain.workflow import Event

_SHOWN_OF_DIGEST = 16
_IN_FORCE = (
    "The rules of the policy file, as it is written now, are in force. "
    "Requests that are open keep the rules that they were made under."
)


def policy_file_card(policy_file: PolicyFile, event: Event) -> Content:
    """Draw a change of the policy file; ValueError for a kind of event that it has not."""
    return draw_message(f"Audit · {utc(event.at)}", _message(event), correlation(policy_file.id))


def policy_file_summary(event: Event) -> str:
    """Say a change in one line of plain text, for the notification."""
    return _message(event).summary()


def _message(event: Event) -> EventMessage:
    match event.kind:
        case PolicyFileEvent.ADOPTED:
            return EventMessage(
                title="Policy file in force",
                tone=Tone.INFO,
                sentence=(_IN_FORCE,),
                fields=_fields(event),
            )
        case PolicyFileEvent.REFUSED:
            return EventMessage(
                title="Policy file refused",
                tone=Tone.BAD,
                sentence=(
                    "The policy file changed, and it cannot be used: ",
                    Named(text.line(_how_many(event))),
                    ". The rules before it stay in force; it is read again when it changes.",
                ),
                fields=_fields(event),
                quoted=quoted("What is wrong", fact(event, "faults")),
            )
        case kind:
            raise ValueError(f"nobody is told of {kind!r} of a policy file")


def _how_many(event: Event) -> str:
    count = event.facts.get("count")
    if count == 1:
        return "it has one fault"
    shown = f", the first {MOST_FAULTS_TOLD} of which are below" if _is_cut(count) else ""
    return f"it has {count} faults{shown}"


def _is_cut(count: object) -> bool:
    return isinstance(count, int) and count > MOST_FAULTS_TOLD


def _fields(event: Event) -> tuple[Field, ...]:
    digest = fact(event, "digest")[:_SHOWN_OF_DIGEST]
    return (Field("SHA-256 begins", text.line(digest) or "it cannot be read"),)
