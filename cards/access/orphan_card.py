"""What the audit channel is told of a role assignment that no lease was on any more."""

from cards.access.scope import describe_role
from cards.kit import text
from cards.kit.azure_answers import answer_in, azure_answered, is_locked
from cards.kit.draw_message import draw_message
from cards.kit.elements import Content, Field, Named, Sentence, correlation
from cards.kit.evidence_note import evidence_note
from cards.kit.message import EventMessage, actor_of, fact, how_late, quoted
from cards.kit.times import utc
from cards.kit.tone import Tone
from domain.reconciliation.orphan import Orphan, OrphanEvent
from domain.workflow import Event


def orphan_card(orphan: Orphan, event: Event, number: int, link: str = "") -> Content:
    """Draw an event of an orphan; ValueError for a kind that nobody is told of.

    ``number`` is its place in what happened to the orphan, from 1, and ``link`` its hash in the
    chain.
    """
    footer = correlation(orphan.id, evidence_note(number, link))
    return draw_message(f"Audit · {utc(event.at)}", _message(orphan, event), footer)


def orphan_summary(orphan: Orphan, event: Event) -> str:
    """Say an event of an orphan in one line of plain text, for the notification."""
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
            raise ValueError(f"nobody is told of {kind!r} of an orphan")


def _revoked(orphan: Orphan, event: Event) -> EventMessage:
    gone = "has been removed, and Azure confirms it."
    if not event.facts.get("found"):
        gone = "was gone when it was to be removed."
    return EventMessage(
        title="Orphaned access removed",
        tone=Tone.WARNING,
        sentence=(*_what(orphan), f" {gone}{how_late(event)}"),
        fields=_fields(orphan),
        quoted=quoted("Its description", orphan.description),
    )


def _stuck(orphan: Orphan, event: Event) -> EventMessage:
    return EventMessage(
        title="Orphaned access cannot be removed",
        tone=Tone.BAD,
        sentence=(
            *_what(orphan),
            *_what_to_do(event),
            " It is described as ",
            Named(text.line(orphan.description)),
            ".",
            *azure_answered(event),
        ),
        fields=(*_fields(orphan), Field("Attempts", text.line(fact(event, "attempt")))),
        quoted=quoted("Azure said", fact(event, "cause")),
    )


def _what_to_do(event: Event) -> Sentence:
    if is_locked(answer_in(event)):
        return (
            " should be gone, but a resource lock keeps Azure from taking it away. ",
            "Remove the lock: it is taken away within five minutes then.",
        )
    return (
        " should be gone, but Azure has not confirmed it. ",
        "It is retried until Azure does; look into it now.",
    )


def _retried(orphan: Orphan, event: Event) -> EventMessage:
    return EventMessage(
        title="Trying again now",
        tone=Tone.INFO,
        sentence=(actor_of(event), " asked to remove now: ", *_what(orphan), "."),
        fields=_fields(orphan),
    )


def _closed(orphan: Orphan, event: Event) -> EventMessage:
    return EventMessage(
        title="Closed by an admin, removal not confirmed",
        tone=Tone.BAD,
        sentence=(
            actor_of(event),
            " closed this. ",
            *_what(orphan),
            " is no longer removed, and Azure has not confirmed that it is gone.",
        ),
        fields=_fields(orphan),
        quoted=quoted("Reason", fact(event, "reason")),
    )


def _what(orphan: Orphan) -> Sentence:
    return (
        "A role assignment that Latchkey made for ",
        Named(text.line(orphan.assignment.principal_id)),
        " and that no lease is on",
    )


def _fields(orphan: Orphan) -> tuple[Field, ...]:
    created_at = orphan.created_at
    return (
        Field("Role", text.line(describe_role(orphan.assignment.role))),
        Field("Opened", text.line(orphan.assignment.scope)),
        Field("Made", utc(created_at) if created_at else "not known"),
        Field("Role assignment", orphan.assignment.id),
    )
