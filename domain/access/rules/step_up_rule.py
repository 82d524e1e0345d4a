"""The rule for step-up: which acts need a fresh sign-in, and what it must be like."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

USUAL_MAX_AGE = timedelta(minutes=5)


class StepUpAct(StrEnum):
    """What can need a fresh sign-in."""

    APPROVE = "approve"
    REQUEST = "request"
    BREAK_GLASS = "break_glass"


@dataclass(frozen=True, slots=True)
class StepUpRule:
    """Whether a fresh sign-in is required, for what, and what it must be like."""

    required: bool = False
    contexts: tuple[str, ...] = ()
    """The Entra authentication contexts that it must satisfy, such as ``c1``."""
    acts: tuple[StepUpAct, ...] = (StepUpAct.APPROVE,)
    max_age: timedelta = USUAL_MAX_AGE

    def covers(self, act: StepUpAct) -> bool:
        """Return whether an act needs a fresh sign-in."""
        return self.required and act in self.acts


NO_STEP_UP = StepUpRule()


def strictest_step_up(rules: Sequence[StepUpRule]) -> StepUpRule:
    """Combine rules: all their contexts and acts, and the shortest age; optional ones don't count.

    Without one that is required, the result isn't required either.
    """
    required = [rule for rule in rules if rule.required]
    if not required:
        return NO_STEP_UP
    return StepUpRule(
        required=True,
        contexts=tuple(dict.fromkeys(one for rule in required for one in rule.contexts)),
        acts=tuple(act for act in StepUpAct if any(act in rule.acts for rule in required)),
        max_age=min(rule.max_age for rule in required),
    )
