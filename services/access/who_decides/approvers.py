"""Who can still decide: today's approvers, without people who have left."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from domain.access.request import Request, RequestState
from domain.access.rules.deciders import Deciders, decides, distinct_rules, groups_in, named_in
from domain.access.rules.policy import Policy
from domain.access.rules.step_up_rule import strictest_step_up
from domain.access.terms import Reviewers
from domain.access.transitions import approvers
from domain.access.transitions.approvers import Today
from domain.access.transitions.break_glass import awaits_review
from domain.people import NO_GROUPS, Actor, Group, Person, Principals
from domain.refusals.decisions import AccountGone, NoLongerRequestable, NotAnApprover, RequesterGone
from domain.workflow import Change
from services.access.who_decides.deciding import Deciding
from services.access.who_decides.named_today import NamedToday
from services.clock import Clock
from services.faults import Conflict, Fault, Unavailable, described
from services.people.admins import Admins
from services.people.deciding_groups import DecidingGroups
from services.people.directory import Directory
from services.people.principals import NamedPrincipals
from services.policies import Policies
from services.unanswered import about_people
from services.workflow.engine import Engine
from services.workflow.workflows import Stored, Workflows

log = logging.getLogger(__name__)

_BRIEFLY = timedelta(seconds=5)
"""How long a reminder waits for the directory before it uses the recorded approvers."""


class Approvers:
    """Keeps open requests in line with the current rules; refusals are raised unchanged.

    If the directory doesn't answer, object IDs are trusted, and so is an approver of the request
    whose email is in today's rules. Nothing is recorded then: an outage neither removes nor adds
    an approver.
    """

    def __init__(
        self,
        policies: Policies,
        directory: Directory,
        principals: NamedPrincipals,
        groups: DecidingGroups,
        named: NamedToday,
        admins: Admins,
        workflows: Workflows,
        engine: Engine,
        clock: Clock,
    ) -> None:
        self._policies = policies
        self._directory = directory
        self._principals = principals
        self._groups = groups
        self._deciding = Deciding(principals)
        self._named = named
        self._admins = admins
        self._workflows = workflows
        self._engine = engine
        self._clock = clock

    async def follow(self, request_id: str) -> Request | None:
        """Update an open request to the current rules and return it; None if nothing waits."""
        while stored := await self._workflows.load_as(Request, request_id):
            if not approvers.waits(stored.head):
                return None
            change = await self.change(stored.head)
            if change is None:
                return stored.head
            try:
                return (await self._engine.record(stored, change)).head
            except Conflict:
                continue
        return None

    async def current(self, stored: Stored[Request]) -> Stored[Request]:
        """Record today's approvers and return the request with them.

        Raises Conflict if someone else changed the request meanwhile.
        """
        change = await self.change(stored.head)
        return await self._engine.record(stored, change) if change else stored

    async def change(self, request: Request) -> Change[Request] | None:
        """Return the change that updates a request to the current rules, if one is needed."""
        if request.state is not RequestState.ACTIVE and not approvers.waits(request):
            return None
        left = await self._left(request)
        today, is_sure = await self._today(request)
        if today is None or not is_sure:
            return None
        return approvers.follow_rules(request, _without(today, left), self._clock())

    async def _left(self, request: Request) -> tuple[str, ...]:
        """Return who has approved and has left since; without an answer, no one has."""
        approved = [one.approver.object_id for one in approvers.given(request)]
        gone = await asyncio.gather(*(self._directory.is_gone(one) for one in approved))
        return tuple(one for one, is_gone in zip(approved, gone, strict=True) if is_gone)

    async def change_briefly(self, request: Request) -> Change[Request] | None:
        """Return what today's rules change, if known; an outage delays no notification."""
        try:
            async with asyncio.timeout(_BRIEFLY.total_seconds()):
                return await self.change(request)
        except (Fault, TimeoutError) as fault:
            log.warning("%s: notifying the approvers as recorded: %s", request.id, described(fault))
            return None

    async def memberships(self, request: Request, actor: Actor) -> frozenset[str]:
        """Return a person's memberships among the groups that decide about a request."""
        return await self._groups.of(actor, request)

    async def before_grant(self, request: Request) -> Change[Request] | None:
        """Return what today's rules change of approved access not granted yet, if anything.

        Raises Unavailable while that can't be said for certain, NoLongerRequestable, and
        RequesterGone. A change of the approvers may have ended the request.
        """
        for person in (request.requester.as_person(), request.holder):
            if await self._directory.is_surely_gone(person.object_id):
                raise RequesterGone(person.name)
        today, is_sure = await self._today(request)
        if not is_sure:
            cause = "can't say who the approvers are"
            raise Unavailable("the directory", cause, outcome_unknown=False)
        if today is None:
            raise self._not_requestable(request)
        left = [
            one.approver.object_id
            for one in request.approvals
            if await self._directory.is_surely_gone(one.approver.object_id)
        ]
        return approvers.follow_rules(request, _without(today, left), self._clock())

    async def require_answer(self, request: Request, actor: Actor, *, says_yes: bool) -> None:
        """Raise unless this approver can answer a request, or its extension, today.

        A yes also requires that the requester and the grantee haven't left.
        """
        if await self._directory.is_gone(actor.object_id):
            raise AccountGone
        await self._require_approver(request, actor, says_yes=says_yes)
        if says_yes:
            await self.require_present(request)

    async def require_review(self, actor: Actor) -> None:
        """Raise AccountGone if a reviewer has left; the request, just updated, names them."""
        if await self._directory.is_gone(actor.object_id):
            raise AccountGone

    async def _require_approver(self, request: Request, actor: Actor, *, says_yes: bool) -> None:
        """Raise unless this approver of the request is still one today.

        Raises DirectoryUnavailable, or the fault of another service, if that can't be determined
        now, and NoLongerRequestable if the secret can no longer be approved.
        """
        policies = self.policies_today(request) if says_yes else self._policies_of(request)
        if policies is None:
            return
        each, outage = await self._named.each(request, policies)
        rules = distinct_rules(one.sooner_or_later for one in each)
        if await self._decides(actor.object_id, rules):
            return
        if outage:
            raise about_people(outage) from outage
        named = named_in([one.approvers for one in each], ())
        raise NotAnApprover(named.without(request.involved))

    async def _decides(self, person_id: str, rules: Sequence[Principals]) -> bool:
        if decides(rules, person_id, NO_GROUPS):
            return True
        return decides(rules, person_id, await self._groups.among(person_id, groups_in(rules)))

    async def require_present(self, request: Request) -> None:
        """Raise RequesterGone if the requester or the grantee has left."""
        if refusal := await self.find_departure(request):
            raise refusal

    async def find_departure(self, request: Request) -> RequesterGone | None:
        """Return a refusal if the requester or the grantee is disabled or removed.

        Without an answer from the directory, no one counts as gone.
        """
        people = {
            person.object_id: person for person in (request.requester.as_person(), request.holder)
        }
        gone = await asyncio.gather(*(self._directory.is_gone(one) for one in people))
        left = [person for person, is_gone in zip(people.values(), gone, strict=True) if is_gone]
        return RequesterGone(left[0].name) if left else None

    def policies_today(self, request: Request) -> list[Policy]:
        """Return the policies of a request's secrets; raises NoLongerRequestable."""
        if (policies := self._policies_of(request)) is None:
            raise self._not_requestable(request)
        return policies

    def _not_requestable(self, request: Request) -> NoLongerRequestable:
        first, *_ = request.secrets
        gone = next((one for one in request.secrets if not self._policies.of(one)), first)
        return NoLongerRequestable(gone)

    def _policies_of(self, request: Request) -> list[Policy] | None:
        """Return the policies of a request's secrets; None if one is no longer requestable."""
        found = [policy for one in request.secrets if (policy := self._policies.of(one))]
        return found if len(found) == len(request.secrets) else None

    async def _today(self, request: Request) -> tuple[Today | None, bool]:
        """Return who decides by today's rules, and whether all of them were found.

        None if one of the secrets is no longer requestable.
        """
        policies = self._policies_of(request)
        if awaits_review(request):
            return await self._reviewers(request, policies)
        if policies is None:
            return None, True
        return await self._by_rules(request, policies)

    async def _reviewers(
        self, request: Request, policies: Sequence[Policy] | None
    ) -> tuple[Today | None, bool]:
        """Return who decides about break-glass access, and the admins if no approver is left."""
        today, is_sure = (
            await self._as_recorded(request)
            if policies is None
            else await self._by_rules(request, policies)
        )
        if today is None or not is_sure or _someone_is_asked(request, today):
            return today, is_sure
        try:
            named, admins = await self._admins.named(), await self._admins.all()
        except Unavailable:
            return None, False
        return replace(today, reviewers=Reviewers(admins, named)), bool(admins)

    async def _as_recorded(self, request: Request) -> tuple[Today, bool]:
        """Return those who decided by the last rules and are still there."""
        terms = request.terms
        people, outage = await self._named.still_there(request)
        today = Today(approvers=people, deciders=terms.deciders, in_channel=terms.in_channel)
        return today, outage is None

    async def _by_rules(
        self, request: Request, policies: Sequence[Policy]
    ) -> tuple[Today | None, bool]:
        each, outage = await self._named.each(request, policies)
        try:
            return await self._who(request, policies, each), outage is None
        except Unavailable as fault:
            log.warning("%s: can't look up who is in its groups: %s", request.id, fault)
            return None, False

    async def _who(
        self, request: Request, policies: Sequence[Policy], each: Sequence[Deciders]
    ) -> Today:
        """Return who decides; members of groups are looked up again only if the rules changed."""
        needed = max(policy.min_approvals for policy in policies)
        step_up = strictest_step_up([policy.step_up for policy in policies])
        rules = distinct_rules(one.sooner_or_later for one in each)
        memberships = await self._of_approvals(request, groups_in(rules))
        as_many = needed <= request.terms.min_approvals
        if groups_in(rules) and as_many and approvers.is_unchanged(request, each, memberships):
            return Today.of(approvers.recorded(request.terms), needed, step_up, memberships)
        who = await self._deciding.who(
            each,
            needed,
            request.involved,
            min(policy.notify_members for policy in policies),
            already=(*request.terms.approvers, *request.terms.escalation),
        )
        return Today.of(who, needed, step_up, memberships)

    async def _of_approvals(
        self, request: Request, groups: Sequence[Group]
    ) -> dict[str, frozenset[str]]:
        """Return the groups of those who have approved; raises Unavailable."""
        return {
            one.approver.object_id: await self._principals.memberships(
                one.approver.object_id, groups
            )
            for one in approvers.given(request)
        }


def _someone_is_asked(request: Request, today: Today) -> bool:
    """Return whether someone other than the people involved can be asked for a review."""
    return today.in_channel or any(one.object_id not in request.involved for one in today.approvers)


def _without(today: Today, left: Collection[str]) -> Today:
    """Leave out people who have left since they approved."""

    def present(people: Sequence[Person]) -> tuple[Person, ...]:
        return tuple(one for one in people if one.object_id not in left)

    return replace(
        today,
        approvers=present(today.approvers),
        escalation=present(today.escalation),
        deciders=tuple(each.without(left) for each in today.deciders),
        later_deciders=tuple(each.without(left) for each in today.later_deciders),
        memberships={one: each for one, each in today.memberships.items() if one not in left},
    )
