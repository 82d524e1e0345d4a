"""Messages for the admin who asked for a rotation: how it ended."""

from cards.kit import text
from cards.kit.elements import Field, Named
from cards.kit.message import EventMessage, actor_of, fact, quoted
from cards.kit.sentences import sentence, together
from cards.kit.tone import Tone
from cards.languages.texts import say
from cards.reasons.sentences import sentence_in
from cards.rotation.audit_messages import (
    abandoned,
    came_late,
    how_to_go_on,
    late_replaced,
    overlap_end,
    overlap_ended,
)
from cards.rotation.end_state import (
    as_it_ended,
    changed_credentials,
    describe_end_state,
    left_dependents,
)
from cards.rotation.wording import rotated_secret
from domain.rotation.rotation import Rotation, RotationEvent
from domain.workflow import Event


def rotation_admin_message(rotation: Rotation, event: Event) -> EventMessage:
    """Write the admin's message for an event; ValueError if they get none for its kind."""
    match event.kind:
        case RotationEvent.OVERLAPPING:
            return _rotated(rotation, event)
        case RotationEvent.OVERLAP_ENDED:
            return overlap_ended(rotation, event)
        case RotationEvent.ROLLED_BACK:
            return _rolled_back(rotation, event)
        case RotationEvent.NEEDS_HUMAN:
            return _needs_human(rotation, event)
        case RotationEvent.DENIED:
            return _denied(rotation, event)
        case RotationEvent.LAPSED:
            return _lapsed(rotation)
        case RotationEvent.CAME_LATE:
            return came_late(rotation, event)
        case RotationEvent.LATE_REPLACED:
            return late_replaced(rotation, event)
        case RotationEvent.ABANDONED:
            return abandoned(rotation, event)
        case kind:
            raise ValueError(f"the admin who asked gets no message for {kind!r}")


def _rotated(rotation: Rotation, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Rotated"),
        tone=Tone.GOOD,
        sentence=together(
            sentence(
                "{secret} was rotated: the new version and every dependent were read back.",
                secret=rotated_secret(rotation),
            ),
            sentence(
                "The old version is disabled after {end}.",
                end=Named(overlap_end(rotation)),
            ),
        ),
        fields=(
            Field(say("New version"), text.short_version(fact(event, "version"))),
            Field(say("Old version"), text.short_version(rotation.old_version)),
        ),
    )


def _rolled_back(rotation: Rotation, event: Event) -> EventMessage:
    rotation = as_it_ended(rotation, event)
    return EventMessage(
        title=say("Not rotated"),
        tone=Tone.BAD,
        sentence=together(
            sentence("The rotation of {secret} failed.", secret=rotated_secret(rotation)),
            describe_end_state(rotation),
        ),
        fields=(*changed_credentials(rotation), *left_dependents(rotation)),
        quoted=quoted(say("What went wrong"), sentence_in(event)),
    )


def _needs_human(rotation: Rotation, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Your rotation needs a human"),
        tone=Tone.BAD,
        sentence=how_to_go_on(rotation, event),
        quoted=quoted(say("What went wrong"), sentence_in(event, "cause")),
    )


def _denied(rotation: Rotation, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Rotation denied"),
        tone=Tone.BAD,
        sentence=sentence(
            "{who} denied your rotation of {secret}. Nothing was changed.",
            who=actor_of(event),
            secret=rotated_secret(rotation),
        ),
    )


def _lapsed(rotation: Rotation) -> EventMessage:
    return EventMessage(
        title=say("Rotation request expired"),
        tone=Tone.WARNING,
        sentence=sentence(
            "No other admin approved your rotation of {secret} in time. Nothing was changed. "
            "If it's still needed, ask again.",
            secret=rotated_secret(rotation),
        ),
    )
