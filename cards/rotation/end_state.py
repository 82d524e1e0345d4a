"""What a failed rotation left behind, as its messages say it: only what was read."""

from dataclasses import replace

from cards.kit import text
from cards.kit.elements import Field, Sentence
from cards.kit.message import fact
from cards.kit.sentences import sentence, together
from cards.languages.texts import say
from cards.rotation.wording import changed_anything, note_of
from domain.phrases import mark
from domain.rotation.rotation import CurrentAtEnd, Rotation, Step, StepStatus, WhichVersion
from domain.workflow import Event

_NOT_AS_IT_WAS = frozenset({"settings_left", "settings_gone"})


_CURRENT = {
    WhichVersion.OLD: mark("It was rolled back: the old version is current."),
    WhichVersion.NEW: mark("It was rolled back, but the version that it wrote is current."),
    WhichVersion.RESTORED: mark(
        "It was rolled back: the old value is in use again, as a new version, and the failed "
        "version is disabled."
    ),
    WhichVersion.OTHERS: mark(
        "It was rolled back: a version that someone else wrote is current now."
    ),
    WhichVersion.NONE: mark(
        "It was rolled back, but no version is current: the newest one is disabled, or the secret "
        "was deleted."
    ),
    WhichVersion.UNREADABLE: mark(
        "It was rolled back, but which version is current couldn't be read."
    ),
}


def as_it_ended(rotation: Rotation, event: Event) -> Rotation:
    """Return a rotation with the version that was current at the end of this rollback.

    If its write landed late, another rollback has followed. While that is under way, nothing is
    said of the current version.
    """
    which, version = fact(event, "current"), fact(event, "version")
    if rotation.current_at_end is None or which not in set(WhichVersion):
        return rotation
    return replace(rotation, current_at_end=CurrentAtEnd(WhichVersion(which), version))


def current_version(rotation: Rotation) -> tuple[Field, ...]:
    """Name the version that was current at the end of a rollback, if that was read."""
    at_end = rotation.current_at_end
    if at_end is None or not at_end.version:
        return ()
    return (Field(say("Current version"), text.short_version(at_end.version)),)


def describe_end_state(rotation: Rotation) -> Sentence:
    """Say what a failed rotation left behind."""
    if rotation.was_made_anew:
        return sentence(
            "The secret was deleted and recreated in the meantime, so the old value no longer "
            "exists and nothing was restored. Check which values the dependents have."
        )
    if not changed_anything(rotation):
        return sentence("Nothing was changed.")
    return together(_value(rotation), _state_of_dependents(rotation))


def _value(rotation: Rotation) -> str:
    at_end = rotation.current_at_end
    if at_end is None:
        return say("It was rolled back.")
    is_kept = "version_of_others_kept" in _undone(rotation, Step.WRITE)
    if at_end.which is WhichVersion.OTHERS and is_kept:
        return say(
            "It was rolled back: the version that someone else wrote stays current, and the "
            "failed version is disabled."
        )
    return say(_CURRENT[at_end.which])


def _state_of_dependents(rotation: Rotation) -> str:
    """Say only what was read: where nothing of ours had to be undone, nothing was looked at."""
    undone = _undone(rotation, Step.PROPAGATE)
    if not rotation.terms.dependents:
        return ""
    if not undone:
        if "references_refreshed" in _undone(rotation, Step.WRITE):
            return say("It changed no setting, and no reference uses the failed version.")
        return say("It changed no dependent.")
    if undone & _NOT_AS_IT_WAS:
        return say("What it changed is undone, but not every dependent is as it was.")
    return say("Every dependent is as it was.")


def changed_credentials(rotation: Rotation) -> tuple[Field, ...]:
    """Name the credentials that were replaced although nothing was rotated; others may use them."""
    record = rotation.record_of(Step.ISSUE)
    if record is None or "keys_regenerated" not in _undone(rotation, Step.ISSUE):
        return ()
    return (Field(say("Credentials"), note_of(record.note)),)


def left_dependents(rotation: Rotation) -> tuple[Field, ...]:
    """Name the dependents of a rollback, if some aren't as they were before the rotation."""
    record = rotation.record_of(Step.PROPAGATE)
    if record is None or not _undone(rotation, Step.PROPAGATE) & _NOT_AS_IT_WAS:
        return ()
    return (Field(say("Dependents"), note_of(record.note)),)


def _undone(rotation: Rotation, step: Step) -> frozenset[str]:
    """Return the codes of what undoing a step came to; empty if it wasn't undone."""
    record = rotation.record_of(step)
    if record is None or record.status is not StepStatus.UNDONE or record.note is None:
        return frozenset()
    return frozenset(one.code for one in record.note.parts or (record.note,))
