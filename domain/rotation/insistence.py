"""What a person insists on with a retry: the problem a rotation had stopped at, and no other."""

from collections.abc import Mapping

from domain.reasons import Param, Reason
from domain.rotation.rotation import Rotation, StepStatus

_SEVERAL = "notes"
"""The code of a reason that is several, one per part."""

_DETAIL = "cause"
"""What Azure answered; the same problem can come with other words."""


def insist(rotation: Rotation) -> tuple[Reason, ...]:
    """Return what is insisted on once a person retries, what they insisted on before included."""
    record = rotation.record_of(rotation.step)
    if record is None or record.status is not StepStatus.FAILED or record.note is None:
        return rotation.insisted_on
    new = (one for one in _each(record.note) if one not in rotation.insisted_on)
    return (*rotation.insisted_on, *new)


def is_insisted_on(rotation: Rotation, problem: Reason) -> bool:
    """Say whether a person has insisted on a problem: on all of it, if it is several."""
    known = [_identity(one) for one in rotation.insisted_on]
    return all(_identity(one) in known for one in _each(problem))


def _each(problem: Reason) -> tuple[Reason, ...]:
    return problem.parts if problem.code == _SEVERAL else (problem,)


def _identity(problem: Reason) -> tuple[str, Mapping[str, Param]]:
    """Return what makes a problem this one: its kind and its subject."""
    return problem.code, {name: it for name, it in problem.params.items() if name != _DETAIL}
