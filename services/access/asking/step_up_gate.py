"""The gate for what has to be confirmed with a fresh sign-in."""

from domain.access.fresh_sign_in import FreshSignIn
from domain.access.request import Request
from domain.access.rules.step_up_rule import StepUpAct, StepUpRule, strictest_step_up
from domain.access.sign_in.step_up import decide_confirmation, decide_step_up
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
        rule = strictest_step_up([request.terms.step_up, self._in_force(request)])
        self.require(rule, StepUpAct.APPROVE, actor, sign_in)

    def require_confirmed(self, request: Request) -> None:
        """Raise RequestNotConfirmed unless its requester confirmed it as today's rules ask."""
        decide_confirmation(request, self._in_force(request)).require()

    def require(
        self, rule: StepUpRule, act: StepUpAct, actor: Actor, sign_in: FreshSignIn | None
    ) -> None:
        """Raise unless this person may do this right now; raises StepUpNeeded without a sign-in."""
        decide_step_up(rule, act, actor, sign_in, self._clock()).require()

    def _in_force(self, request: Request) -> StepUpRule:
        policies = (self._policies.of(one) for one in request.secrets)
        return strictest_step_up([policy.step_up for policy in policies if policy])
