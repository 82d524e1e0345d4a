"""Audit messages about changes of the policy file."""

from collections.abc import Mapping, Sequence

from microsoft_teams.cards import Action, CardElement, ExecuteAction

from cards.kit import text, verbs
from cards.kit.draw_message import draw_message
from cards.kit.elements import (
    Content,
    Field,
    Named,
    Sentence,
    caption,
    correlation,
    paragraph,
    run,
)
from cards.kit.message import EventMessage, actor_of, fact, quoted
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.operations.policy_words import sentences
from domain.policies.differences import Difference
from domain.policies.record import read
from domain.policy_file.changes import MOST_ERRORS_LISTED
from domain.policy_file.file import PolicyFile, PolicyFileEvent
from domain.workflow import Event

_SHOWN_OF_DIGEST = 16
_IN_FORCE = (
    "The current policy file is in force. Open requests keep the rules they were made under."
)


_WAITS = (
    "The changed policy file allows more than the one in force, so an admin has to accept it. What "
    "it takes away already applies. Compare its SHA-256 with the file in git."
)
_STANDING: Mapping[str, tuple[str, Tone, str]] = {
    "": ("Policy file waits for an admin", Tone.WARNING, _WAITS),
    PolicyFileEvent.ACCEPTED: (
        "Policy file accepted",
        Tone.GOOD,
        " accepted the policy file. It is in force. Open requests keep their rules.",
    ),
    PolicyFileEvent.REJECTED: (
        "Policy file rejected by an admin",
        Tone.BAD,
        " rejected the policy file. The previous rules stay in force until the file changes.",
    ),
    PolicyFileEvent.WITHDRAWN: (
        "Policy file replaced before an answer",
        Tone.QUIET,
        "The policy file that waited for an admin was replaced. It is not in force.",
    ),
}
"""How a file that waits stands, by the event that ended its wait."""


def policy_file_card(policy_file: PolicyFile, event: Event, *, is_audit: bool = True) -> Content:
    """Draw the message for a policy file change; ValueError for kinds without one.

    A wait that is over has how it ended among its facts: see ``domain.policy_file.announcements``.
    """
    kind = f"Audit · {utc(event.at)}" if is_audit else "Policy file"
    footer = correlation(policy_file.id)
    return draw_message(kind, _message(event), footer, _changes(event), _buttons(event))


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
        case PolicyFileEvent.WAITS:
            title, tone, ended = _STANDING[fact(event, "ended")]
            return EventMessage(
                title=title,
                tone=tone,
                sentence=_waiting(event, ended),
                fields=_fields(event),
            )
        case PolicyFileEvent.ACCEPTED | PolicyFileEvent.REJECTED:
            title, tone, ended = _STANDING[event.kind]
            return EventMessage(
                title=title,
                tone=tone,
                sentence=(actor_of(event), ended),
                fields=_fields(event),
            )
        case PolicyFileEvent.WITHDRAWN:
            title, tone, ended = _STANDING[event.kind]
            return EventMessage(title=title, tone=tone, sentence=(ended,), fields=_fields(event))
        case kind:
            raise ValueError(f"there is no message for {kind!r} of a policy file")


def _waiting(event: Event, ended: str) -> Sentence:
    """Say what waits, or how the wait ended."""
    by = fact(event, "ended_by")
    return (Named(text.line(by, text.LONGEST_NAME)), ended) if by else (ended,)


def _buttons(event: Event) -> list[Action]:
    """Draw the answers of an admin, while the file waits."""
    if event.kind != PolicyFileEvent.WAITS or "ended" in event.facts:
        return []
    data = {verbs.DIGEST: fact(event, "digest")}
    return [
        ExecuteAction(title="Accept", verb=verbs.POLICY_ACCEPT, data=data, style="positive"),
        ExecuteAction(title="Reject", verb=verbs.POLICY_REJECT, data=data, style="destructive"),
    ]


def _changes(event: Event) -> list[CardElement]:
    """Draw how the rules differ from those before; nothing if that isn't known."""
    if "changes" not in event.facts:
        return []
    changes = read(fact(event, "changes"))
    more = int(fact(event, "count")) - len(changes)
    return [
        *_listed(changes, is_split=event.kind == PolicyFileEvent.WAITS),
        *([caption(f"… and {more:,} more.", "Small")] if more > 0 else []),
    ]


def _listed(changes: Sequence[Difference], *, is_split: bool) -> list[CardElement]:
    """Draw the changes; if some of them wait, apart from the others."""
    if not changes:
        return [caption("Nothing changes: the rules are the same as before.", "Large")]
    if not is_split:
        return _section("What changes", changes)
    return [
        *_section("What it allows", [one for one in changes if one.widens]),
        *_section("What it takes away", [one for one in changes if not one.widens]),
    ]


def _section(title: str, changes: Sequence[Difference]) -> list[CardElement]:
    said = [paragraph(run(f"• {one}"), spacing="Small") for one in sentences(changes)]
    return [caption(title, "Large"), *said] if said else []


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
