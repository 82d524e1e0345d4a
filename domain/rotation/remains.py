"""How an abandoned rotation leaves things: what was read last, and what is on record."""

from domain.rotation.rotation import Rotation, Step, StepStatus

_SHORT_VERSION = 8


def remains_of(rotation: Rotation, current: str | None, unreadable: str = "") -> tuple[str, ...]:
    """Say how a rotation would be left now, in sentences that claim no more than is known.

    ``current`` is the version that is current; None where it could not be read, ``unreadable``
    says why then.
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
        return f"Which version is current could not be read: {unreadable}."
    known = {
        rotation.old_version: "the one from before this rotation",
        rotation.new_version: "the new one, which this rotation wrote",
        rotation.restored_version: "the old value, which this rotation wrote back",
    }
    what = known.get(current, "one that this rotation has no record of")
    return f"Version {_short(current)} is current: {what}."


def _dependents(rotation: Rotation) -> str:
    names = ", ".join(str(each) for each in rotation.terms.dependents)
    if not names:
        return ""
    record = next((one for one in rotation.records if one.step is Step.PROPAGATE), None)
    if record is None:
        if rotation.step is Step.PROPAGATE:
            return f"What these settings hold is not known: {names}."
        return f"No app setting was changed: {names}."
    match record.status:
        case StepStatus.DONE:
            return f"These settings were brought to the new value, and not put back: {names}."
        case StepStatus.UNDONE:
            return f"The settings were last seen like this: {record.note}."
        case StepStatus.FAILED:
            return f"What these settings hold is not known: {names}."


def _old_version(rotation: Rotation, current: str | None) -> str:
    if rotation.step is not Step.RETIRE or rotation.old_version in {None, current}:
        return ""
    old = _short(rotation.old_version or "")
    return f"The old version {old} may still be enabled, and what it holds may still be valid."


def _credential(rotation: Rotation) -> str:
    is_new = rotation.credential and rotation.step is not Step.RETIRE
    return f"What was issued may still be valid: {rotation.credential}." if is_new else ""


def _short(version: str) -> str:
    return version[:_SHORT_VERSION]
