"""Audit messages about changes of the policy file."""

from collections.abc import Mapping, Sequence

from microsoft_teams.cards import Action, CardElement, ExecuteAction

from cards.kit import text, verbs
from cards.kit.draw_message import audit_kind, draw_message
from cards.kit.elements import (
    Content,
    Field,
    Named,
    caption,
    correlation,
    paragraph,
    run,
)
from cards.kit.message import EventMessage, actor_of, fact, quoted
from cards.kit.sentences import sentence, together
from cards.kit.tone import Tone
from cards.languages.texts import say, say_count
from cards.operations.policy_words import sentences
from domain.phrases import mark
from domain.policies.differences import Difference
from domain.policies.record import read
from domain.policy_file.changes import MOST_ERRORS_LISTED
from domain.policy_file.file import PolicyFile, PolicyFileEvent
from domain.workflow import Event

_SHOWN_OF_DIGEST = 16

_STANDING: Mapping[str, tuple[str, Tone, str]] = {
    "": (
        mark("Policy file waits for an admin"),
        Tone.WARNING,
        mark(
            "The changed policy file allows more than the one in force, so an admin has to accept "
            "it. What it takes away already applies. Compare its SHA-256 with the file in git."
        ),
    ),
    PolicyFileEvent.ACCEPTED: (
        mark("Policy file accepted"),
        Tone.GOOD,
        mark(
            "{who} accepted the policy file. It is in force. Open requests keep their duration, "
            "scope and role; who approves them follows this file."
        ),
    ),
    PolicyFileEvent.REJECTED: (
        mark("Policy file rejected by an admin"),
        Tone.BAD,
        mark(
            "{who} rejected the policy file. The previous rules stay in force until the file "
            "changes."
        ),
    ),
    PolicyFileEvent.WITHDRAWN: (
        mark("Policy file replaced before an answer"),
        Tone.QUIET,
        mark("The policy file that waited for an admin was replaced. It is not in force."),
    ),
}
"""How a file that waits stands, by the event that ended its wait: title, tone and sentence."""


def policy_file_card(
    policy_file: PolicyFile, event: Event, note: str = "", *, is_audit: bool = True
) -> Content:
    """Draw the message for a policy file change; ValueError for kinds without one.

    ``note`` is the evidence note of a message in the audit channel. A wait that is over has how it
    ended among its facts: see ``domain.policy_file.announcements``.
    """
    kind = audit_kind(event) if is_audit else say("Policy file")
    footer = correlation(policy_file.id, note)
    return draw_message(kind, _message(event), footer, _changes(event), _buttons(event))


def policy_file_summary(event: Event) -> str:
    """Return the notification for a change, in one line of plain text."""
    return _message(event).summary()


def _message(event: Event) -> EventMessage:
    match event.kind:
        case PolicyFileEvent.ADOPTED:
            return EventMessage(
                title=say("Policy file in force"),
                tone=Tone.INFO,
                sentence=sentence(
                    "The current policy file is in force. Open requests keep their duration, "
                    "scope and role; who approves them follows this file."
                ),
                fields=_fields(event),
            )
        case PolicyFileEvent.REFUSED:
            return EventMessage(
                title=say("Policy file rejected"),
                tone=Tone.BAD,
                sentence=together(
                    sentence(
                        "The changed policy file can't be used: {errors}. The previous rules stay "
                        "in force; the file is read again when it changes.",
                        errors=Named(text.line(_how_many(event))),
                    ),
                    sentence("That doesn't end the wait of the file before it for an admin.")
                    if fact(event, "waits")
                    else "",
                ),
                fields=_fields(event),
                quoted=quoted(say("Errors"), fact(event, "faults")),
            )
        case PolicyFileEvent.WAITS:
            by = Named(text.line(fact(event, "ended_by"), text.LONGEST_NAME))
            return _standing(event, fact(event, "ended"), by)
        case PolicyFileEvent.ACCEPTED | PolicyFileEvent.REJECTED | PolicyFileEvent.WITHDRAWN:
            return _standing(event, event.kind, actor_of(event))
        case kind:
            raise ValueError(f"there is no message for {kind!r} of a policy file")


def _standing(event: Event, ended: str, by: Named) -> EventMessage:
    """Say what waits, or how the wait ended."""
    title, tone, said = _STANDING[ended]
    return EventMessage(
        title=say(title), tone=tone, sentence=sentence(said, who=by), fields=_fields(event)
    )


def _buttons(event: Event) -> list[Action]:
    """Draw the answers of an admin, while the file waits."""
    if event.kind != PolicyFileEvent.WAITS or "ended" in event.facts:
        return []
    data = {verbs.DIGEST: fact(event, "digest")}
    return [
        ExecuteAction(title=say("Accept"), verb=verbs.POLICY_ACCEPT, data=data, style="positive"),
        ExecuteAction(
            title=say("Reject"), verb=verbs.POLICY_REJECT, data=data, style="destructive"
        ),
    ]


def _changes(event: Event) -> list[CardElement]:
    """Draw how the rules differ from those before; nothing if that isn't known."""
    if "changes" not in event.facts:
        return []
    changes = read(fact(event, "changes"))
    more = int(fact(event, "count")) - len(changes)
    return [
        *_listed(changes, is_split=event.kind == PolicyFileEvent.WAITS),
        *([caption(_and_more(more), "Small")] if more > 0 else []),
    ]


def _and_more(more: int) -> str:
    return say_count("… and {count} more.", "… and {count} more.", more)


def _listed(changes: Sequence[Difference], *, is_split: bool) -> list[CardElement]:
    """Draw the changes; if some of them wait, apart from the others."""
    if not changes:
        return [caption(say("Nothing changes: the rules are the same as before."), "Large")]
    if not is_split:
        return _section(say("What changes"), changes)
    return [
        *_section(say("What it allows"), [one for one in changes if one.widens]),
        *_section(say("What it takes away"), [one for one in changes if not one.widens]),
    ]


def _section(title: str, changes: Sequence[Difference]) -> list[CardElement]:
    said = [paragraph(run(f"• {one}"), spacing="Small") for one in sentences(changes)]
    return [caption(title, "Large"), *said] if said else []


def _how_many(event: Event) -> str:
    count = event.facts.get("count")
    if not isinstance(count, int):
        return say("it has errors")
    if count > MOST_ERRORS_LISTED:
        return say(
            "it has {count} errors; the first {listed} are listed below",
            count=count,
            listed=MOST_ERRORS_LISTED,
        )
    return say("it has one error") if count == 1 else say("it has {count} errors", count=count)


def _fields(event: Event) -> tuple[Field, ...]:
    digest = text.line(fact(event, "digest")[:_SHOWN_OF_DIGEST])
    return (Field(say("SHA-256 starts with"), digest or say("it can't be read")),)
