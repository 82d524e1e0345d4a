"""What approved access relies on, checked again by the policy in force."""

from domain.access.request import Request
from domain.access.sign_in.step_up import decide_confirmation
from domain.reasons import Reason
from domain.refusals.refusal import Refusal
from domain.refusals.requests import DurationOutOfBounds, MembershipUnknown
from domain.workflow import Change
from services.access.asking.offers import AccessOffers, RequestOffer
from services.access.who_decides.approvers import Approvers
from services.faults import Unavailable
from services.policies import Policies


class Rechecks:
    """Checks people, policy, approvals and secrets; what can't be checked isn't granted."""

    def __init__(self, policies: Policies, offers: AccessOffers, approvers: Approvers) -> None:
        self._policies = policies
        self._offers = offers
        self._approvers = approvers

    async def check(self, request: Request) -> Change[Request]:
        """Return the request with today's approvers; its approvals may have stopped counting.

        Raises a Refusal if this access isn't given under today's rules, and a Fault while
        something can't be checked: nothing can while nobody can say which rules are accepted.
        """
        if self._policies.in_force.stand_in:
            cause = "nobody can say which rules are accepted"
            raise Unavailable("the policy file", cause, outcome_unknown=False)
        if request.broke_glass:  # nobody's approval is relied on
            await self._require_requestable(request)
            return Change(request)
        followed = await self._approvers.before_grant(request) or Change(request)
        if followed.head.state is request.state:
            await self._require_requestable(followed.head)
        return followed

    async def _require_requestable(self, request: Request) -> None:
        """Raise a Refusal if these people can't get this access under today's rules."""
        try:
            rules = (await self._offer(request)).rules
        except Refusal as refusal:
            if _is_outage(refusal.reason):
                raise Unavailable("the directory", refusal.reason) from refusal
            raise
        decide_confirmation(request, rules.step_up).require()
        if request.window > rules.longest:
            raise DurationOutOfBounds(rules.shortest, rules.longest)

    async def _offer(self, request: Request) -> RequestOffer:
        if request.broke_glass:
            return await self._offers.emergency(request.requester, request.secrets)
        whom = request.beneficiary.object_id if request.beneficiary else ""
        return await self._offers.offer(request.requester, request.secrets, whom)


def _is_outage(why: Reason) -> bool:
    """Return whether something couldn't be found out, for one of the secrets at least."""
    return why.code == MembershipUnknown.code or any(map(_is_outage, why.parts))
