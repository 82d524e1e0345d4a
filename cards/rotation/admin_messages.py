"""Messages for the admin who asked for a rotation: how it ended."""

from cards.kit.elements import Field, Named
from cards.kit.message import EventMessage, actor_of, fact, quoted
from cards.kit.terms import DENIED
from cards.kit.tone import Tone
from cards.reasons.sentences import sentence_in
from cards.rotation.audit_messages import (
    abandoned,
    came_late,
    describe_end_state,
    how_to_go_on,
    overlap_end,
)
from cards.rotation.wording import rotated_secret, short_version
from domain.rotation.rotation import Rotation, RotationEvent
from domain.workflow import Event


def rotation_admin_message(rotation: Rotation, event: Event) -> EventMessage:
    """Write the admin's message for an event; ValueError if they get none for its kind."""
    match event.kind:
        case RotationEvent.OVERLAPPING:
            return _rotated(rotation, event)
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
        case RotationEvent.ABANDONED:
            return abandoned(rotation, event)
        case kind:
            raise ValueError(f"the admin who asked gets no message for {kind!r}")


def _rotated(rotation: Rotation, event: Event) -> EventMessage:
    return EventMessage(
        title="Rotated",
        tone=Tone.GOOD,
        sentence=(
            *rotated_secret(rotation),
            " was rotated: the new version and every dependent were read back. ",
            "The old version stays valid until ",
            Named(overlap_end(rotation)),
            " and is then disabled.",
        ),
        fields=(
            Field("New version", short_version(fact(event, "version"))),
            Field("Old version", short_version(rotation.old_version)),
        ),
    )


def _rolled_back(rotation: Rotation, event: Event) -> EventMessage:
    return EventMessage(
        title="Not rotated",
        tone=Tone.BAD,
        sentence=(
            "The rotation of ",
            *rotated_secret(rotation),
            f" failed. {describe_end_state(rotation)}",
        ),
        quoted=quoted("What went wrong", sentence_in(event)),
    )


def _needs_human(rotation: Rotation, event: Event) -> EventMessage:
    return EventMessage(
        title="Your rotation needs a human",
        tone=Tone.BAD,
        sentence=how_to_go_on(rotation, event),
        quoted=quoted("What went wrong", sentence_in(event, "cause")),
    )


def _denied(rotation: Rotation, event: Event) -> EventMessage:
    return EventMessage(
        title=f"Rotation {DENIED}",
        tone=Tone.BAD,
        sentence=(
            actor_of(event),
            f" {DENIED} your rotation of ",
            *rotated_secret(rotation),
            ". Nothing was changed.",
        ),
    )


def _lapsed(rotation: Rotation) -> EventMessage:
    return EventMessage(
        title="Rotation request expired",
        tone=Tone.WARNING,
        sentence=(
            "No other admin approved your rotation of ",
            *rotated_secret(rotation),
            " in time. Nothing was changed. If it's still needed, ask again.",
        ),
    )
