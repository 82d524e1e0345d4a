"""The audit message for each event of a rotation that gets one."""

from collections.abc import Callable, Mapping
from datetime import datetime

from cards.kit import text
from cards.kit.elements import Field, Named, Sentence
from cards.kit.message import EventMessage, actor_of, fact, person, quoted
from cards.kit.sentences import sentence, together
from cards.kit.times import duration, utc
from cards.kit.tone import Tone
from cards.languages.texts import number, say
from cards.reasons.sentences import sentence_in
from cards.rotation.end_state import (
    as_it_ended,
    changed_credentials,
    current_version,
    describe_end_state,
    left_dependents,
)
from cards.rotation.wording import (
    LATE_ON_TOP,
    abandon_line,
    changed_anything,
    expiry_fields,
    quoted_detail,
    retry_line,
    rotated_secret,
    step_name,
    who_can_agree,
    why_it_runs,
)
from domain.reasons import reason_in
from domain.rotation.rotation import Rotation, RotationEvent, Step
from domain.workflow import Event


def rotation_audit_message(rotation: Rotation, event: Event) -> EventMessage:
    """Write the audit message for an event; ValueError for kinds that only the live card shows."""
    write = _MESSAGES.get(event.kind)
    if write is None:
        raise ValueError(f"the audit channel gets no message for {event.kind!r}")
    return write(rotation, event)


def _asked(rotation: Rotation, _: Event) -> EventMessage:
    return EventMessage(
        title=say("Rotation requested"),
        tone=Tone.INFO,
        sentence=sentence(
            "The rotation of {secret}, {why}, is waiting for another admin's approval. "
            "Nothing is changed before that.",
            secret=rotated_secret(rotation),
            why=why_it_runs(rotation),
        ),
        fields=(Field(say("Approvers"), who_can_agree(rotation)),),
        quoted=quoted_detail(rotation),
    )


def _started(rotation: Rotation, event: Event) -> EventMessage:
    agreed = rotation.approved_by
    return EventMessage(
        title=say("Rotation started"),
        tone=Tone.INFO,
        sentence=together(
            sentence(
                "The rotation of {secret}, {why}, has started.",
                secret=rotated_secret(rotation),
                why=why_it_runs(rotation),
            ),
            sentence("{who} approved it.", who=person(agreed))
            if agreed and event.actor == agreed
            else "",
        ),
        fields=(
            Field(say("Dependents"), number(len(rotation.terms.dependents))),
            Field(say("Overlap"), duration(rotation.terms.overlap)),
            *expiry_fields(rotation),
            *_answer_note(event),
        ),
        quoted=quoted_detail(rotation),
    )


def _step_failed(rotation: Rotation, event: Event) -> EventMessage:
    title = say("Rotation failed, rolling back")
    said = sentence(
        "The rotation of {secret} failed, and its changes are being undone.",
        secret=rotated_secret(rotation),
    )
    if fact(event, "step") == Step.CAPTURE:
        title = say("Rotation stopped")
        said = sentence(
            "The rotation of {secret} stopped before anything was changed.",
            secret=rotated_secret(rotation),
        )
    return EventMessage(
        title=title,
        tone=Tone.WARNING,
        sentence=said,
        fields=(Field(say("Failed at"), step_name(fact(event, "step"))), *_answer(event)),
        quoted=quoted(say("What went wrong"), sentence_in(event, "note")),
    )


def _answer(event: Event) -> tuple[Field, ...]:
    """Show the service's answer to a failed step: ``403 ForbiddenByRbac``."""
    answer = text.line(f"{fact(event, 'status')} {fact(event, 'code')}")
    return (Field(say("Answer"), answer),) if answer else ()


def _rolled_back(rotation: Rotation, event: Event) -> EventMessage:
    rolled_back, rotation = changed_anything(rotation), as_it_ended(rotation, event)
    return EventMessage(
        title=say("Rotation failed, rolled back") if rolled_back else say("Not rotated"),
        tone=Tone.BAD,
        sentence=together(
            sentence("The rotation of {secret} failed.", secret=rotated_secret(rotation)),
            describe_end_state(rotation),
        ),
        fields=(
            *current_version(rotation),
            *changed_credentials(rotation),
            *left_dependents(rotation),
        ),
        quoted=quoted(say("What went wrong"), sentence_in(event)),
    )


def _overlapping(rotation: Rotation, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Rotated"),
        tone=Tone.GOOD,
        sentence=sentence(
            "The rotation of {secret}, {why}, succeeded: the new version and every dependent "
            "were read back.",
            secret=rotated_secret(rotation),
            why=why_it_runs(rotation),
        ),
        fields=(
            Field(say("New version"), text.short_version(fact(event, "version"))),
            Field(say("Old version"), text.short_version(rotation.old_version)),
            Field(say("Old version is disabled after"), overlap_end(rotation)),
            Field(say("Dependents"), number(len(rotation.terms.dependents))),
        ),
    )


def overlap_end(rotation: Rotation) -> str:
    """Say when the overlap ends; the old version, or the credential in it, may expire before."""
    return utc(rotation.overlap_until) if rotation.overlap_until else say("not known")


def overlap_ended(rotation: Rotation, event: Event) -> EventMessage:
    """Say that another rotation doesn't leave the old version the time that was announced."""
    return EventMessage(
        title=say("Overlap ended early"),
        tone=Tone.WARNING,
        sentence=sentence(
            "{rotation} replaces the credential in the old version of {secret}, so that version is "
            "being disabled now.",
            rotation=Named(text.id_of(fact(event, "rotation_id"))),
            secret=rotated_secret(rotation),
        ),
        fields=(
            Field(say("Old version"), text.short_version(rotation.old_version)),
            Field(say("It was to be disabled after"), _announced_end(event)),
        ),
    )


def _announced_end(event: Event) -> str:
    try:
        return utc(datetime.fromisoformat(fact(event, "until")))
    except ValueError:
        return say("not known")


def _rotated(rotation: Rotation, event: Event) -> EventMessage:
    title = say("Old version disabled")
    said = sentence(
        "The overlap for {secret} is over: the old version is disabled, and the rotation is "
        "complete.",
        secret=rotated_secret(rotation),
    )
    if rotation.was_made_anew:
        title = say("Rotation closed")
        said = sentence(
            "The overlap for {secret} is over: the secret was deleted and recreated, so there is "
            "no old version to disable.",
            secret=rotated_secret(rotation),
        )
    elif _is_old_gone(event):
        title = say("Rotation closed")
        said = sentence(
            "The overlap for {secret} is over: the secret was deleted, so the old version couldn't "
            "be disabled. If the secret is recovered, disable that version.",
            secret=rotated_secret(rotation),
        )
    return EventMessage(
        title=title,
        tone=Tone.QUIET,
        sentence=said,
        fields=(
            Field(say("New version"), text.short_version(fact(event, "version"))),
            Field(say("Old version"), text.short_version(rotation.old_version)),
        ),
        quoted=quoted(say("Note"), sentence_in(event, "note")),
    )


def _is_old_gone(event: Event) -> bool:
    """Return whether Key Vault didn't have the old version when it was to be disabled."""
    note = reason_in(event.facts, "note")
    return note is not None and "old_version_gone" in {one.code for one in note.parts or (note,)}


def _needs_human(rotation: Rotation, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Rotation needs a human"),
        tone=Tone.BAD,
        sentence=how_to_go_on(rotation, event),
        fields=(Field(say("Stopped at"), step_name(fact(event, "step"))), *_answer(event)),
        quoted=quoted(say("What went wrong"), sentence_in(event, "cause")),
    )


def how_to_go_on(rotation: Rotation, event: Event) -> Sentence:
    """Say what Latchkey couldn't finish, and what someone has to do about it."""
    half_done = sentence(
        "{secret}: the rollback stopped halfway, so the secret or a dependent may be wrong now.",
        secret=rotated_secret(rotation),
    )
    if fact(event, "step") == Step.RETIRE:
        half_done = sentence(
            "{secret}: the new version is written, but the old one may still be enabled.",
            secret=rotated_secret(rotation),
        )
        if event.facts.get("cause") == LATE_ON_TOP:
            half_done = sentence(
                "{secret}: a version that this rotation wrote late hides one that someone else "
                "wrote.",
                secret=rotated_secret(rotation),
            )
    if event.facts.get("is_old_disabled"):
        half_done = sentence(
            "{secret}: the old version is disabled, but its credential may still be valid.",
            secret=rotated_secret(rotation),
        )
    return together(
        half_done,
        sentence(
            "Fix what is described below, then type {retry}. If it can never finish, type "
            "{abandon}.",
            retry=Named(retry_line(rotation)),
            abandon=Named(abandon_line(rotation)),
        ),
    )


def _retried(rotation: Rotation, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Rotation retried"),
        tone=Tone.INFO,
        sentence=sentence(
            "{who} asked Latchkey to resume the rotation of {secret}, which had stopped.",
            who=actor_of(event),
            secret=rotated_secret(rotation),
        ),
    )


def _denied(rotation: Rotation, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Rotation denied"),
        tone=Tone.BAD,
        sentence=sentence(
            "{who} denied the rotation of {secret}, {why}. Nothing was changed.",
            who=actor_of(event),
            secret=rotated_secret(rotation),
            why=why_it_runs(rotation),
        ),
        fields=_answer_note(event),
    )


def _answer_note(event: Event) -> tuple[Field, ...]:
    """Return what an admin typed with their answer."""
    said = text.line(fact(event, "answer_note"))
    return (Field(say("Note"), said),) if said else ()


def _lapsed(rotation: Rotation, _: Event) -> EventMessage:
    return EventMessage(
        title=say("Rotation request expired"),
        tone=Tone.QUIET,
        sentence=sentence(
            "No other admin approved the rotation of {secret}, {why}, in time. "
            "Nothing was changed.",
            secret=rotated_secret(rotation),
            why=why_it_runs(rotation),
        ),
    )


def came_late(rotation: Rotation, event: Event) -> EventMessage:
    """Say that a write which had been rolled back was carried out after all."""
    return EventMessage(
        title=say("Late write, being undone"),
        tone=Tone.WARNING,
        sentence=sentence(
            "Azure carried out a write for {secret} long after it was sent, so a version that "
            "nothing uses became current. It is being undone.",
            secret=rotated_secret(rotation),
        ),
        fields=(Field(say("Version"), text.short_version(fact(event, "version"))),),
    )


def late_replaced(rotation: Rotation, event: Event) -> EventMessage:
    """Say that a write was carried out on top of the version that had been verified."""
    return EventMessage(
        title=say("Late write undone"),
        tone=Tone.WARNING,
        sentence=sentence(
            "Azure carried out a write for {secret} long after it was sent. The version that it "
            "made is disabled, and it isn't the current one.",
            secret=rotated_secret(rotation),
        ),
        fields=(Field(say("Version"), text.short_version(fact(event, "version"))),),
    )


def abandoned(rotation: Rotation, event: Event) -> EventMessage:
    """Say who abandoned a rotation, and what it left behind."""
    return EventMessage(
        title=say("Rotation abandoned"),
        tone=Tone.BAD,
        sentence=sentence(
            "{who} abandoned the rotation of {secret}, which had stopped. It was not finished.",
            who=actor_of(event),
            secret=rotated_secret(rotation),
        ),
        fields=(Field(say("Stopped at"), step_name(fact(event, "step"))),),
        quoted=quoted(
            say("Why, and what it left behind"),
            f"{fact(event, 'reason')}\n{sentence_in(event, 'left')}",
        ),
    )


_MESSAGES: Mapping[str, Callable[[Rotation, Event], EventMessage]] = {
    RotationEvent.ASKED: _asked,
    RotationEvent.STARTED: _started,
    RotationEvent.STEP_FAILED: _step_failed,
    RotationEvent.ROLLED_BACK: _rolled_back,
    RotationEvent.OVERLAPPING: _overlapping,
    RotationEvent.OVERLAP_ENDED: overlap_ended,
    RotationEvent.ROTATED: _rotated,
    RotationEvent.NEEDS_HUMAN: _needs_human,
    RotationEvent.RETRIED: _retried,
    RotationEvent.DENIED: _denied,
    RotationEvent.LAPSED: _lapsed,
    RotationEvent.CAME_LATE: came_late,
    RotationEvent.LATE_REPLACED: late_replaced,
    RotationEvent.ABANDONED: abandoned,
}
