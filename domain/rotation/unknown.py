"""Unanswered changes of a rotation, and how long to wait for them.

Until then we don't resend a change that could overwrite a later one, and we don't call anything
undone that may still happen.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.rotation.rotation import Rotation, RotationEffect, RotationState, Step
from domain.unknown_outcome import (
    APP_SERVICE_LIFE,
    GRAPH_LIFE,
    KEY_VAULT_LIFE,
    RESOURCE_MANAGER_LIFE,
    later,
)

_ISSUER_LIFE = max(RESOURCE_MANAGER_LIFE, GRAPH_LIFE)
_LIVES = {
    Step.ISSUE: _ISSUER_LIFE,
    Step.WRITE: max(KEY_VAULT_LIFE, _ISSUER_LIFE),
    Step.PROPAGATE: max(APP_SERVICE_LIFE, KEY_VAULT_LIFE),
    Step.RETIRE: max(KEY_VAULT_LIFE, _ISSUER_LIFE),
}
_EFFECTS = {
    RotationState.RUNNING: RotationEffect.PERFORM,
    RotationState.ROLLING_BACK: RotationEffect.UNDO,
    RotationState.OVERLAPPING: RotationEffect.RETIRE,
}
_UNDETECTABLE = frozenset({Step.ISSUE, Step.RETIRE})
"""Steps whose change can't be verified by reading: a regenerated key looks like any other."""

AWAITED = frozenset({Step.ISSUE, Step.WRITE})
"""Steps whose outcome must be known before going on, forward or back."""


def sent_without_answer(rotation: Rotation, effect: str, at: datetime) -> Rotation:
    """Note that a move's unanswered change may still be carried out; ``at`` is now."""
    life = _life_of(rotation)
    if life is None:
        return rotation
    until = later(rotation.unknown_until, at + life)
    head = replace(rotation, unknown_until=until, unknown_effect=str(effect))
    if head.look_again_at:
        head = replace(head, look_again_at=later(head.look_again_at, until))
    looks = {RotationEffect.PERFORM, RotationEffect.LOOK_AGAIN}
    if effect not in looks and rotation.step in _UNDETECTABLE:
        return replace(head, retry_at=later(head.retry_at, until))
    return head


def interrupted(rotation: Rotation, at: datetime) -> Rotation:
    """Note that a process died in the middle of a move, if that move changes something."""
    effect = _EFFECTS.get(rotation.state)
    return sent_without_answer(rotation, effect, at) if effect else rotation


def overtaken(rotation: Rotation, tried: Rotation) -> Rotation:
    """Note the unanswered change of a move whose outcome another change came before."""
    until = later(rotation.unknown_until, tried.unknown_until)
    if until == rotation.unknown_until:
        return rotation
    return replace(rotation, unknown_until=until, unknown_effect=tried.unknown_effect)


def as_known_at(rotation: Rotation, now: datetime) -> Rotation:
    """Clear ``unknown_until`` once nothing is unknown."""
    if rotation.unknown_until and rotation.unknown_until <= now:
        return certain(rotation)
    return rotation


def certain(rotation: Rotation) -> Rotation:
    """Return a rotation with nothing unknown."""
    return replace(rotation, unknown_until=None, unknown_effect="")


def awaiting(rotation: Rotation) -> Rotation:
    """Postpone the next move until the outcome is known."""
    return replace(rotation, retry_at=rotation.unknown_until)


def _life_of(rotation: Rotation) -> timedelta | None:
    return _LIVES.get(rotation.step)
