"""Audit messages about changes of the policy file."""

from microsoft_teams.cards import CardElement

from cards.kit import text
from cards.kit.draw_message import draw_message
from cards.kit.elements import (
    Content,
    Field,
    Named,
    caption,
    correlation,
    paragraph,
    run,
)
from cards.kit.message import EventMessage, fact, quoted
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.operations.policy_words import sentences
from domain.policies.record import read
from domain.policy_file.changes import MOST_ERRORS_LISTED
from domain.policy_file.file import PolicyFile, PolicyFileEvent
from domain.workflow import Event

_SHOWN_OF_DIGEST = 16
_IN_FORCE = (
    "The current policy file is in force. Open requests keep the rules they were made under."
)


def policy_file_card(policy_file: PolicyFile, event: Event) -> Content:
    """Draw the audit message for a policy file change; ValueError for kinds without one."""
    kind = f"Audit · {utc(event.at)}"
    return draw_message(kind, _message(event), correlation(policy_file.id), _changes(event))


def policy_file_summary(event: Event) -> str:
    """Return the notification for a change, in one line of plain text."""
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
                title="Policy file rejected",
                tone=Tone.BAD,
                sentence=(
                    "The changed policy file can't be used: ",
                    Named(text.line(_how_many(event))),
                    ". The previous rules stay in force; the file is read again when it changes.",
                ),
                fields=_fields(event),
                quoted=quoted("Errors", fact(event, "faults")),
            )
        case kind:
            raise ValueError(f"there is no message for {kind!r} of a policy file")


def _changes(event: Event) -> list[CardElement]:
    """Draw how the rules differ from those before; nothing if that isn't known."""
    if "changes" not in event.facts:
        return []
    said = sentences(read(fact(event, "changes")))
    more = int(fact(event, "count")) - len(said)
    return [
        caption("What changes", "Large"),
        *(paragraph(run(f"• {one}"), spacing="Small") for one in said),
        *([caption(f"… and {more:,} more.", "Small")] if more > 0 else []),
        *([] if said else [caption("Nothing: the rules are the same as before.", "Small")]),
    ]


def _how_many(event: Event) -> str:
    count = event.facts.get("count")
    if count == 1:
        return "it has one error"
    shown = f"; the first {MOST_ERRORS_LISTED} are listed below" if _is_cut(count) else ""
    return f"it has {count} errors{shown}"


def _is_cut(count: object) -> bool:
    return isinstance(count, int) and count > MOST_ERRORS_LISTED


def _fields(event: Event) -> tuple[Field, ...]:
    digest = fact(event, "digest")[:_SHOWN_OF_DIGEST]
    return (Field("SHA-256 starts with", text.line(digest) or "it can't be read"),)
