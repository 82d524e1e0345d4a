"""The gate for what has to be confirmed with a fresh sign-in."""

from domain.access.fresh_sign_in import FreshSignIn
from domain.access.request import Request
from domain.access.step_up import decide_step_up
from domain.access.step_up_rule import StepUpAct, StepUpRule, strictest_step_up
from domain.people import Actor
from services.clock import Clock
from services.policies import Policies


class StepUpGate:
    """Requires a sign-in where the policy asks for one; refusals are raised unchanged.

    A request keeps the rule that it was made with. The policy in force can add to it, but takes
    nothing away.
    """

    def __init__(self, policies: Policies, clock: Clock) -> None:
        self._policies = policies
        self._clock = clock

    def require_approval(self, request: Request, actor: Actor, sign_in: FreshSignIn | None) -> None:
        """Raise unless this person may approve a request, or more time for it, right now."""
        in_force = [policy.step_up for one in request.secrets if (policy := self._policies.of(one))]
        rule = strictest_step_up([request.terms.step_up, *in_force])
        self.require(rule, StepUpAct.APPROVE, actor, sign_in)

    def require(
        self, rule: StepUpRule, act: StepUpAct, actor: Actor, sign_in: FreshSignIn | None
    ) -> None:
        """Raise unless this person may do this right now; raises StepUpNeeded without a sign-in."""
        decide_step_up(rule, act, actor, sign_in, self._clock()).require()
