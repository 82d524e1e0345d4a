"""The audit message for each event of a rotation that gets one."""

from cards.kit import text
from cards.kit.elements import Field, Named, Sentence
from cards.kit.message import EventMessage, actor_of, fact, person, quoted
from cards.kit.terms import DENIED
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.reasons.sentences import sentence_in
from cards.rotation.wording import (
    changed_anything,
    rotated_secret,
    short_version,
    who_can_agree,
    why_it_runs,
)
from domain.durations import format_duration
from domain.rotation.rotation import Rotation, RotationEvent, Step
from domain.workflow import Event


def rotation_audit_message(rotation: Rotation, event: Event) -> EventMessage:  # noqa: C901 - one branch an event
    """Write the audit message for an event; ValueError for kinds that only the live card shows."""
    match event.kind:
        case RotationEvent.ASKED:
            return _asked(rotation)
        case RotationEvent.STARTED:
            return _started(rotation, event)
        case RotationEvent.STEP_FAILED:
            return _step_failed(rotation, event)
        case RotationEvent.ROLLED_BACK:
            return _rolled_back(rotation, event)
        case RotationEvent.OVERLAPPING:
            return _overlapping(rotation, event)
        case RotationEvent.ROTATED:
            return _rotated(rotation, event)
        case RotationEvent.NEEDS_HUMAN:
            return _needs_human(rotation, event)
        case RotationEvent.RETRIED:
            return _retried(rotation, event)
        case RotationEvent.DENIED:
            return _denied(rotation, event)
        case RotationEvent.LAPSED:
            return _lapsed(rotation)
        case RotationEvent.CAME_LATE:
            return came_late(rotation, event)
        case RotationEvent.ABANDONED:
            return abandoned(rotation, event)
        case kind:
            raise ValueError(f"the audit channel gets no message for {kind!r}")


def _asked(rotation: Rotation) -> EventMessage:
    return EventMessage(
        title="Rotation requested",
        tone=Tone.INFO,
        sentence=(
            *_it(rotation),
            " is waiting for another admin's approval. Nothing is changed before that.",
        ),
        fields=(Field("Approvers", who_can_agree(rotation)),),
        quoted=quoted("Details", rotation.trigger.detail),
    )


def _started(rotation: Rotation, event: Event) -> EventMessage:
    agreed = rotation.approved_by
    return EventMessage(
        title="Rotation started",
        tone=Tone.INFO,
        sentence=(
            *_it(rotation),
            " has started.",
            *((" ", person(agreed), " approved it.") if agreed and event.actor == agreed else ()),
        ),
        fields=(
            Field("Dependents", f"{len(rotation.terms.dependents):,}"),
            Field("Overlap", format_duration(rotation.terms.overlap)),
            *_answer_note(event),
        ),
        quoted=quoted("Details", rotation.trigger.detail),
    )


def _step_failed(rotation: Rotation, event: Event) -> EventMessage:
    looked_only = fact(event, "step") == Step.CAPTURE
    how = "before anything was changed." if looked_only else "and its changes are being undone."
    return EventMessage(
        title="Rotation stopped" if looked_only else "Rotation failed, rolling back",
        tone=Tone.WARNING,
        sentence=(
            "The rotation of ",
            *rotated_secret(rotation),
            f" {'stopped' if looked_only else 'failed,'} {how}",
        ),
        fields=(Field("Failed at", text.line(fact(event, "step"))), *_answer(event)),
        quoted=quoted("What went wrong", sentence_in(event, "note")),
    )


def _answer(event: Event) -> tuple[Field, ...]:
    """Show the service's answer to a failed step: ``403 ForbiddenByRbac``."""
    answer = text.line(f"{fact(event, 'status')} {fact(event, 'code')}")
    return (Field("Answer", answer),) if answer else ()


def _rolled_back(rotation: Rotation, event: Event) -> EventMessage:
    version = rotation.restored_version or rotation.old_version
    return EventMessage(
        title="Rotation failed, rolled back" if changed_anything(rotation) else "Not rotated",
        tone=Tone.BAD,
        sentence=(
            "The rotation of ",
            *rotated_secret(rotation),
            f" failed. {describe_end_state(rotation)}",
        ),
        fields=(Field("Current version", short_version(version)),) if version else (),
        quoted=quoted("What went wrong", sentence_in(event)),
    )


def describe_end_state(rotation: Rotation) -> str:
    """Say what a failed rotation left behind."""
    if rotation.was_made_anew:
        return (
            "The secret was deleted and recreated in the meantime, so the old value no longer "
            "exists and nothing was restored. Check which values the dependents have."
        )
    if rotation.restored_version:
        return (
            "It was rolled back: the old value is in use again, as a new version, "
            "and every dependent is as it was. The failed version is disabled."
        )
    if changed_anything(rotation):
        return "It was rolled back: the old version is in use, and every dependent is as it was."
    return "Nothing was changed."


def _overlapping(rotation: Rotation, event: Event) -> EventMessage:
    return EventMessage(
        title="Rotated",
        tone=Tone.GOOD,
        sentence=(
            *_it(rotation),
            " succeeded: the new version and every dependent were read back.",
        ),
        fields=(
            Field("New version", short_version(fact(event, "version"))),
            Field("Old version", short_version(rotation.old_version)),
            Field("Old version valid until", overlap_end(rotation)),
            Field("Dependents", f"{len(rotation.terms.dependents):,}"),
        ),
    )


def overlap_end(rotation: Rotation) -> str:
    """Say until when the old version stays valid."""
    return utc(rotation.overlap_until) if rotation.overlap_until else "not known"


def _rotated(rotation: Rotation, event: Event) -> EventMessage:
    title, end = (
        "Old version disabled",
        "the old version is disabled, and the rotation is complete.",
    )
    if rotation.was_made_anew:
        title = "Rotation closed"
        end = "the secret was deleted and recreated, so there is no old version to disable."
    return EventMessage(
        title=title,
        tone=Tone.QUIET,
        sentence=("The overlap for ", *rotated_secret(rotation), f" is over: {end}"),
        fields=(
            Field("New version", short_version(fact(event, "version"))),
            Field("Old version", short_version(rotation.old_version)),
        ),
        quoted=quoted("Note", sentence_in(event, "note")),
    )


def _needs_human(rotation: Rotation, event: Event) -> EventMessage:
    return EventMessage(
        title="Rotation needs a human",
        tone=Tone.BAD,
        sentence=how_to_go_on(rotation, event),
        fields=(Field("Stopped at", text.line(fact(event, "step"))), *_answer(event)),
        quoted=quoted("What went wrong", sentence_in(event, "cause")),
    )


def how_to_go_on(rotation: Rotation, event: Event) -> Sentence:
    """Say what Latchkey couldn't finish, and what someone has to do about it."""
    half_done = "the rollback stopped halfway, so the secret or a dependent may be wrong now."
    if fact(event, "step") == Step.RETIRE:
        half_done = "the new version is written, but the old one couldn't be disabled."
    return (
        *rotated_secret(rotation),
        f": {half_done} Fix what is described below, then type ",
        Named(f"retry {text.line(rotation.id)}"),
        ". If it can never finish, type ",
        Named(f"abandon {text.line(rotation.id)} because REASON"),
        ".",
    )


def _retried(rotation: Rotation, event: Event) -> EventMessage:
    return EventMessage(
        title="Rotation retried",
        tone=Tone.INFO,
        sentence=(
            actor_of(event),
            " asked Latchkey to resume the rotation of ",
            *rotated_secret(rotation),
            ", which had stopped.",
        ),
    )


def _denied(rotation: Rotation, event: Event) -> EventMessage:
    return EventMessage(
        title=f"Rotation {DENIED}",
        tone=Tone.BAD,
        sentence=(
            actor_of(event),
            f" {DENIED} the rotation of ",
            *rotated_secret(rotation),
            ", ",
            *why_it_runs(rotation),
            ". Nothing was changed.",
        ),
        fields=_answer_note(event),
    )


def _answer_note(event: Event) -> tuple[Field, ...]:
    """Return what an admin typed with their answer."""
    said = text.line(fact(event, "answer_note"))
    return (Field("Note", said),) if said else ()


def _lapsed(rotation: Rotation) -> EventMessage:
    return EventMessage(
        title="Rotation request expired",
        tone=Tone.QUIET,
        sentence=(
            "No other admin approved the rotation of ",
            *rotated_secret(rotation),
            ", ",
            *why_it_runs(rotation),
            ", in time. Nothing was changed.",
        ),
    )


def came_late(rotation: Rotation, event: Event) -> EventMessage:
    """Say that a write which had been rolled back was carried out after all."""
    return EventMessage(
        title="Late write, being undone",
        tone=Tone.WARNING,
        sentence=(
            "Azure carried out a write for ",
            *rotated_secret(rotation),
            " long after it was sent, so a version that nothing uses became current. ",
            "It is being undone.",
        ),
        fields=(Field("Version", short_version(fact(event, "version"))),),
    )


def abandoned(rotation: Rotation, event: Event) -> EventMessage:
    """Say who abandoned a rotation, and what it left behind."""
    return EventMessage(
        title="Rotation abandoned",
        tone=Tone.BAD,
        sentence=(
            actor_of(event),
            " abandoned the rotation of ",
            *rotated_secret(rotation),
            ", which had stopped. It was not finished.",
        ),
        fields=(Field("Stopped at", text.line(fact(event, "step"))),),
        quoted=quoted(
            "Why, and what it left behind", f"{fact(event, 'reason')}\n{sentence_in(event, 'left')}"
        ),
    )


def _it(rotation: Rotation) -> Sentence:
    """Name the rotation as the subject of a sentence."""
    return "The rotation of ", *rotated_secret(rotation), ", ", *why_it_runs(rotation), ","
