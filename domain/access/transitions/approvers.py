"""Who can decide an open request: its approvers follow the policy in force.

A stricter policy applies at once: a larger quorum, removed approvers, and approvals that have to be
confirmed with a sign-in. A looser one doesn't lower the quorum of requests made before it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from domain.access.approval import Approval
from domain.access.request import AccessEvent, Request, RequestState
from domain.access.rules.deciders import Deciders, WhoDecide, are_same, groups_in
from domain.access.rules.step_up_rule import NO_STEP_UP, StepUpRule, strictest_step_up
from domain.access.sign_in.step_up import decide_confirmation, is_confirmed
from domain.access.terms import Reviewers, Terms
from domain.access.transitions import changes, failures, starts
from domain.access.transitions.approvers_then import facts_of_approvers
from domain.access.transitions.break_glass import awaits_review
from domain.access.transitions.extensions import facts_of_open_extension, open_extension
from domain.names import joined, joined_ids
from domain.people import NO_GROUPS, Group, Person, Principals
from domain.workflow import Change, Event, Fact

_UNDECIDED = frozenset({RequestState.PENDING, RequestState.SCHEDULED})
_NOT_GRANTED = _UNDECIDED | {RequestState.GRANTING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Today(WhoDecide):
    """Who decides about a request's secrets under the policy in force, and the quorum."""

    min_approvals: int = 1
    step_up: StepUpRule = NO_STEP_UP
    """What has to be confirmed with a fresh sign-in."""
    memberships: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The groups, among those named, of each person who has approved."""
    reviewers: Reviewers | None = None
    """Who reviews break-glass access if that isn't up to the approvers."""

    @classmethod
    def of(
        cls,
        who: WhoDecide,
        min_approvals: int,
        step_up: StepUpRule,
        memberships: Mapping[str, Collection[str]],
    ) -> Self:
        return cls(
            approvers=who.approvers,
            deciders=who.deciders,
            in_channel=who.in_channel,
            escalation=who.escalation,
            later_deciders=who.later_deciders,
            later_in_channel=who.later_in_channel,
            are_enough=who.are_enough,
            min_approvals=min_approvals,
            step_up=step_up,
            memberships=memberships,
        )

    def rules(self, *, escalated: bool) -> tuple[Principals, ...]:
        """Return today's deciders."""
        return self.later_deciders if escalated and self.later_deciders else self.deciders


def waits(request: Request) -> bool:
    """Return whether a request's approvers still matter.

    That is while it, its extension or its review is waiting for a decision, and before a scheduled
    start: access then starts with today's approvals only. A grant that is being tried is checked
    before each try.
    """
    wants_time = request.state is RequestState.ACTIVE and request.extension is not None
    return request.state in _UNDECIDED or wants_time or awaits_review(request)


def follow_rules(request: Request, today: Today, now: datetime) -> Change[Request] | None:
    """Replace a request's approvers with today's; None if they are the same.

    Approvals by people who are no longer approvers stop counting, and those that weren't confirmed
    with a sign-in as today's rules ask; the events keep them. An approved request that then has too
    few ends: nobody could approve it again. So does a scheduled one that its requester didn't
    confirm as today's rules ask, while there is time to ask again.
    """
    unconfirmed = decide_confirmation(request, today.step_up).reason
    if unconfirmed and request.state is RequestState.SCHEDULED:
        return starts.refuse_start(request, failures.of_refused_start(unconfirmed.reason), now)
    terms = _terms_of(request, today)
    followed = replace(request, terms=terms, reviewers=_reviewers_of(request, today))
    are_others = _gained(request, followed) or _gained(followed, request)
    rule = strictest_step_up([terms.step_up, today.step_up])
    dropped = [
        one
        for one in given(request)
        if not (_counts(one, terms, today.memberships) and is_confirmed(one, rule))
    ]
    if not (are_others or dropped or _differ(request, followed)):
        return _escalate_to(request, terms)
    head = replace(_without(followed, dropped), approvers_since=now)
    facts: dict[str, Fact] = {
        **_who_changed(request, followed, dropped),
        "needed": terms.min_approvals,
        "enough": _are_enough(followed, today),
        **facts_of_approvers(head, terms),
        "by_admins": head.reviewers is not None,
        "left_out": bool(head.left_out),
    }
    again = [one.approver for one in dropped if _counts(one, terms, today.memberships)]
    if dropped:
        facts |= facts_of_open_extension(request)
    if again and (request.state is RequestState.PENDING or open_extension(request)):
        facts["decide_again_ids"] = joined_ids(again)
    event = Event(AccessEvent.APPROVERS_CHANGED, now, None, facts)
    if not _lacks_approvals(head):
        return Change(head, (event,))
    why = failures.of_lost_approvals([one.approver.name for one in dropped])
    is_scheduled = head.state is RequestState.SCHEDULED
    ended = (changes.refuse_grant if is_scheduled else changes.give_up)(head, why, now)
    return Change(ended.head, (event, *ended.events))


def _who_changed(before: Request, after: Request, dropped: Sequence[Approval]) -> dict[str, Fact]:
    """Return the facts about who can decide now or can't any more, and whose approval is gone."""
    added, removed = _gained(before, after), _gained(after, before)
    facts: dict[str, Fact] = {
        "added": joined([one.name for one in added]),
        "removed": joined([one.name for one in removed]),
        "added_ids": joined_ids(added),
        "removed_ids": joined_ids(removed),
        "no_longer_counts": joined([one.approver.name for one in dropped]),
        "no_longer_counts_ids": joined_ids([one.approver for one in dropped]),
    }
    if groups := _gained_groups(before, after):
        facts["added_groups"] = joined(groups)
    if groups := _gained_groups(after, before):
        facts["removed_groups"] = joined(groups)
    return facts


def _gained(before: Request, after: Request) -> list[Person]:
    """Return who is asked after a change and wasn't before: never the people of the request."""
    ids = _ids(_asked(before)) | before.involved
    return [one for one in _asked(after) if one.object_id not in ids]


def _gained_groups(before: Request, after: Request) -> list[str]:
    """Return the names of the groups that are asked after a change and weren't before."""
    ids = {one.object_id for one in _groups_of(before)}
    return [one.name for one in _groups_of(after) if one.object_id not in ids]


def _lacks_approvals(request: Request) -> bool:
    """Return whether approved access that isn't granted yet has too few approvals."""
    is_approved = request.state in _NOT_GRANTED and request.state is not RequestState.PENDING
    by_people = not request.broke_glass and request.approved_by_rule is None
    return is_approved and by_people and len(request.approvals) < request.terms.min_approvals


def _terms_of(request: Request, today: Today) -> Terms:
    """Return a request's terms with today's deciders."""
    escalated = _is_escalated(request)
    return replace(
        request.terms,
        approvers=_who_decide(request, today, escalated=escalated),
        min_approvals=max(request.terms.min_approvals, today.min_approvals),
        escalation=today.escalation,
        deciders=today.rules(escalated=escalated),
        in_channel=today.in_channel or (escalated and today.later_in_channel),
        later_deciders=today.later_deciders,
        later_in_channel=today.later_in_channel,
    )


def _reviewers_of(request: Request, today: Today) -> Reviewers | None:
    """Return who reviews a request in place of its approvers; who did it once stays on record."""
    return today.reviewers if awaits_review(request) else request.reviewers


def _asked(request: Request) -> tuple[Person, ...]:
    """Return everyone who gets a card: the approvers, and those who review in their place."""
    found = (*request.terms.approvers, *request.review_terms.approvers)
    return tuple({one.object_id: one for one in found}.values())


def _groups_of(request: Request) -> tuple[Group, ...]:
    return tuple(dict.fromkeys((*request.terms.groups, *request.review_terms.groups)))


def _differ(one: Request, other: Request) -> bool:
    """Return whether other people decide or review, or more of them have to."""
    same = one.terms.min_approvals == other.terms.min_approvals
    return not (
        same
        and are_same(one.terms.deciders, other.terms.deciders)
        and are_same(one.review_terms.deciders, other.review_terms.deciders)
    )


def _counts(approval: Approval, terms: Terms, memberships: Mapping[str, Collection[str]]) -> bool:
    person_id = approval.approver.object_id
    return terms.let_decide(person_id, memberships.get(person_id, NO_GROUPS))


def _are_enough(request: Request, today: Today) -> bool:
    if request.reviewers:
        return True  # one of them is enough for a review
    terms = request.terms
    if terms.groups:
        return today.are_enough
    return len(_ids(terms.approvers) - request.involved) >= terms.min_approvals


def lacks_approvers(request: Request) -> bool:
    """Return whether too few people can approve what waits, now or after an escalation.

    Who is in a group isn't counted: then there may be enough.
    """
    terms = request.terms
    later = terms.later_deciders if request.escalate_at else ()
    if groups_in((*terms.deciders, *later)):
        return False
    people = (*terms.approvers, *(terms.escalation if request.escalate_at else ()))
    return len(_ids(people) - request.involved) < terms.min_approvals


def recorded(terms: Terms) -> WhoDecide:
    """Return who decides by a request's own terms."""
    return WhoDecide(
        approvers=terms.approvers,
        deciders=terms.deciders,
        in_channel=terms.in_channel,
        escalation=terms.escalation,
        later_deciders=terms.later_deciders,
        later_in_channel=terms.later_in_channel,
    )


def is_unchanged(
    request: Request,
    each: Sequence[Deciders],
    memberships: Mapping[str, Collection[str]],
) -> bool:
    """Return whether the same people and groups decide as before, and every approval counts.

    Then nobody has to look up again who is in the groups: those who were asked stay asked.
    """
    terms = request.terms
    later = [one.sooner_or_later for one in each]
    now = later if _is_escalated(request) else [one.approvers for one in each]
    has_later = any(one.escalation.ids for one in each)
    return (
        are_same(terms.deciders, now)
        and are_same(terms.later_deciders, later if has_later else ())
        and all(_counts(one, terms, memberships) for one in given(request))
    )


def former_approvers(request: Request, events: Iterable[Event]) -> frozenset[str]:
    """Return the object IDs of people who used to be approvers of a request, or to review it."""
    removed = {one for event in events for one in _named(event, "removed_ids")}
    return frozenset(removed - _ids(_asked(request)))


def asks_again(event: Event) -> bool:
    """Return whether people have to decide again about what still waits: a request, or more time.

    Their approval stopped counting, although they are still approvers.
    """
    return bool(_named(event, "decide_again_ids"))


def has_to_decide_again(person_id: str, event: Event) -> bool:
    return person_id in _named(event, "decide_again_ids")


def asks_others_again(request: Request, event: Event) -> bool:
    """Return whether some of those who have to decide again get no card: members of a group."""
    return bool(_named(event, "decide_again_ids") - _ids(request.terms.approvers))


def joined_after(person: Person, number: int, events: Sequence[Event]) -> bool:
    """Return whether a person became an approver after this event; numbers start at 1."""
    return any(person.object_id in _joined(event) for event in events[number:])


def group_joined_after(number: int, events: Sequence[Event]) -> bool:
    """Return whether a group became an approver after this event; numbers start at 1."""
    return any(_says(event, "added_groups") for event in events[number:])


def had_approved(person_id: str, number: int, events: Sequence[Event]) -> bool:
    """Return whether a person's approval of a request counted at this event, numbered from 1."""
    approved = False
    for event in events[: number - 1]:
        if event.kind == AccessEvent.APPROVED and event.actor:
            approved |= event.actor.object_id == person_id
        elif person_id in _named(event, "no_longer_counts_ids"):
            approved = False
    return approved


def _escalate_to(request: Request, terms: Terms) -> Change[Request] | None:
    """Update the escalation contacts; no event, since it affects no one yet."""
    same_people = _ids(request.terms.escalation) == _ids(terms.escalation)
    if same_people and are_same(request.terms.later_deciders, terms.later_deciders):
        return None
    return Change(replace(request, terms=terms))


def _is_escalated(request: Request) -> bool:
    """Return whether the escalation contacts have become approvers."""
    terms = request.terms
    people = _ids(terms.escalation) & _ids(terms.approvers)
    groups = bool(terms.later_deciders) and are_same(terms.deciders, terms.later_deciders)
    return request.escalate_at is None and (bool(people) or groups)


def _who_decide(request: Request, today: Today, *, escalated: bool) -> tuple[Person, ...]:
    """Return today's approvers and escalation contacts; people who stayed come first."""
    asked_too = today.escalation if escalated else ()
    found = {one.object_id: one for one in (*today.approvers, *asked_too)}
    stayed = [one for one in request.terms.approvers if one.object_id in found]
    known = _ids(stayed)
    return (*stayed, *(one for one in found.values() if one.object_id not in known))


def given(request: Request) -> tuple[Approval, ...]:
    """Return the approvals given so far to the open decision, or to access not granted yet."""
    if request.state in _NOT_GRANTED:
        return request.approvals
    return request.extension.approvals if request.extension else ()


def _without(request: Request, dropped: Sequence[Approval]) -> Request:
    """Drop the approvals that no longer count.

    A window that one of them shortened stays short: we never widen what was narrowed.
    """
    kept = tuple(one for one in given(request) if one not in dropped)
    if request.state in _NOT_GRANTED:
        return replace(request, approvals=kept)
    if request.extension:
        return replace(request, extension=replace(request.extension, approvals=kept))
    return request


def _joined(event: Event) -> set[str]:
    """Return the object IDs of those who became approvers by this event."""
    if event.kind == AccessEvent.ESCALATED:
        return set(str(event.facts.get("asked_ids") or "").split())
    return _named(event, "added_ids")


def _says(event: Event, fact: str) -> bool:
    return event.kind == AccessEvent.APPROVERS_CHANGED and bool(event.facts.get(fact))


def _named(event: Event, fact: str) -> set[str]:
    if event.kind != AccessEvent.APPROVERS_CHANGED:
        return set()
    return set(str(event.facts.get(fact) or "").split())


def _ids(people: Iterable[Person]) -> set[str]:
    return {person.object_id for person in people}
