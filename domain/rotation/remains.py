"""The state an abandoned rotation leaves behind: what was read last, and what is on record."""

from domain.rotation.rotation import Rotation, Step, StepStatus

_SHORT_VERSION = 8


def remains_of(rotation: Rotation, current: str | None, unreadable: str = "") -> tuple[str, ...]:
    """Describe the state a rotation would leave behind now, claiming no more than is known.

    ``current`` is the current version; None if it couldn't be read, and then ``unreadable`` says
    why.
    """
    return tuple(
        filter(
            None,
            (
                _current(rotation, current, unreadable),
                _dependents(rotation),
                _old_version(rotation, current),
                _credential(rotation),
            ),
        )
    )


def _current(rotation: Rotation, current: str | None, unreadable: str) -> str:
    if current is None:
        return f"Couldn't read which version is current: {unreadable}."
    known = {
        rotation.old_version: "the one from before this rotation",
        rotation.new_version: "the new one, written by this rotation",
        rotation.restored_version: "the old value, written back by this rotation",
    }
    what = known.get(current, "one this rotation has no record of")
    return f"Version {_short(current)} is current: {what}."


def _dependents(rotation: Rotation) -> str:
    names = ", ".join(str(each) for each in rotation.terms.dependents)
    if not names:
        return ""
    record = next((one for one in rotation.records if one.step is Step.PROPAGATE), None)
    if record is None:
        if rotation.step is Step.PROPAGATE:
            return f"The values of these settings are unknown: {names}."
        return f"No app setting was changed: {names}."
    match record.status:
        case StepStatus.DONE:
            return f"These settings were changed to the new value and not restored: {names}."
        case StepStatus.UNDONE:
            return f"The settings were last seen like this: {record.note}."
        case StepStatus.FAILED:
            return f"The values of these settings are unknown: {names}."


def _old_version(rotation: Rotation, current: str | None) -> str:
    if rotation.step is not Step.RETIRE or rotation.old_version in {None, current}:
        return ""
    old = _short(rotation.old_version or "")
    return f"The old version {old} may still be enabled, and its value may still be valid."


def _credential(rotation: Rotation) -> str:
    is_new = rotation.credential and rotation.step is not Step.RETIRE
    return f"The issued credential may still be valid: {rotation.credential}." if is_new else ""


def _short(version: str) -> str:
    return version[:_SHORT_VERSION]
