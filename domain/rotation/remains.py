"""The state an abandoned rotation leaves behind: what was read last, and what is on record."""

from domain.reasons import Reason
from domain.rotation.rotation import Rotation, RotationState, Step, StepStatus

_SHORT_VERSION = 8


def remains_of(
    rotation: Rotation, current: str | None, unreadable: Reason | None = None
) -> tuple[Reason, ...]:
    """Return how a rotation would be left now, claiming no more than is known.

    ``current`` is the version that is current; None if it could not be read, ``unreadable`` says
    why then.
    """
    found = (
        _current(rotation, current, unreadable),
        _dependents(rotation),
        _old_version(rotation, current),
        _credential(rotation),
    )
    return tuple(one for one in found if one)


def left_by(rotation: Rotation) -> Reason | None:
    """Return what may still be valid after a rotation that was abandoned, for the next one's plan.

    The next rotation replaces what is current, so it doesn't disable what this one has left.
    """
    if rotation.state is not RotationState.ABANDONED or rotation.step is not Step.RETIRE:
        return None
    left = {"rotation_id": rotation.id, "version": _short(rotation.old_version or "")}
    return Reason("abandoned_while_retiring", left)


def _current(rotation: Rotation, current: str | None, unreadable: Reason | None) -> Reason:
    if current is None:
        return Reason("current_version_unknown", parts=(unreadable,) if unreadable else ())
    known = {
        rotation.old_version: "old",
        rotation.new_version: "new",
        rotation.restored_version: "restored",
    }
    which = known.get(current, "")
    return Reason("current_version", {"version": _short(current), "which": which})


def _dependents(rotation: Rotation) -> Reason | None:
    names = tuple(str(each) for each in rotation.terms.dependents)
    if not names:
        return None
    dependents = {"dependents": names}
    record = next((one for one in rotation.records if one.step is Step.PROPAGATE), None)
    if record is None:
        if rotation.step is Step.PROPAGATE:
            return Reason("settings_unknown", dependents)
        return Reason("settings_unchanged", dependents)
    match record.status:
        case StepStatus.DONE:
            return Reason("settings_not_put_back", dependents)
        case StepStatus.UNDONE:
            return Reason("settings_last_seen", parts=(record.note,) if record.note else ())
        case StepStatus.FAILED:
            return Reason("settings_unknown", dependents)


def _old_version(rotation: Rotation, current: str | None) -> Reason | None:
    old = rotation.old_version
    if rotation.step is not Step.RETIRE or old is None or old == current:
        return None
    return Reason("old_version_enabled", {"version": _short(old)})


def _credential(rotation: Rotation) -> Reason | None:
    is_new = rotation.credential and rotation.step is not Step.RETIRE
    return Reason("issued_valid", {"credential": rotation.credential}) if is_new else None


def _short(version: str) -> str:
    return version[:_SHORT_VERSION]
