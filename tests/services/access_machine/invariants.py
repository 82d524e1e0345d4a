"""Invariants that hold after every step.

Each function raises AssertionError. They check against the policies in ``actions``, the
requests made, and the events; a head must match those, and Azure must match the head.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from domain.access.answers import decide_approval
from domain.access.assignment import is_within
from domain.access.request import GRANT_PATIENCE, Request, RequestState
from domain.access.rules.policy import Policy
from domain.access.transitions.break_glass import decide_review
from domain.access.transitions.extensions import decide_extension_approval
from domain.access.transitions.waiting import REMIND_AGAIN
from domain.backoff import LONGEST
from domain.people import Actor
from domain.workflow import Event
from services.ports import AssignmentFacts
from services.workflow.due.agenda import CLAIM
from tests.services.access_machine.actions import (
    REQUESTERS,
    RULES,
    approvers_under,
    cap_of,
    memberships_of,
)
from tests.services.access_machine.observer import Life, Seen
from tests.services.access_machine.stage import Asked
from tests.support.builders import ADA, BO, CY

RETRY_BOUND = CLAIM + 2 * LONGEST
"""How long access can exist after its end if nothing is blocking."""

_DECISIONS = frozenset({"denied", "cancelled", "called_off", "lapsed", "granted", "failed"})
_BEFORE_ACCESS = frozenset({RequestState.PENDING, RequestState.SCHEDULED})
_LEFT_OVER_AT_MOST = timedelta(hours=2)  # one round per hour, and old enough to be judged


def no_access_exists_that_no_row_knows(seen: Seen, left_over: Collection[str]) -> None:
    for name in set(seen.ours) - set(left_over):
        assert name in seen.leases, "no lease row is kept"
        assert seen.open_on(name), "no request is open"


def no_access_outlives_its_time(seen: Seen, sound_since: datetime | None) -> None:
    """Allow time for retries, counted from when nothing was blocking."""
    if sound_since is None:
        return
    for name, facts in seen.ours.items():
        ends = [_end_of(life.request) for life in seen.open_on(name)]
        end = max(ends, default=(facts.created_at or seen.now) + _LEFT_OVER_AT_MOST)
        assert seen.now <= max(end, sound_since) + RETRY_BOUND


def no_access_is_cut_short(seen: Seen, taken: Collection[str]) -> None:
    """Except access that someone else removed."""
    for life in seen.lives:
        request = life.request
        if request.state is RequestState.ACTIVE and seen.now < _end_of(request):
            assert {one.id for one in request.assignments} <= {*seen.ours, *taken}


def what_others_assigned_is_untouched(seen: Seen, by_others: Mapping[str, AssignmentFacts]) -> None:
    assert by_others == seen.others


def whatever_is_open_will_fall_due(seen: Seen) -> None:
    for life in seen.lives:
        if life.is_open or life.request.state in _BEFORE_ACCESS:
            assert life.request.id in seen.on_agenda


def nothing_is_decided_twice(seen: Seen) -> None:
    for life in seen.lives:
        kinds = [str(event.kind) for event in life.events]
        assert sum(kind in _DECISIONS for kind in kinds) <= 1
        assert kinds.count("revoked") <= 1
        assert kinds.count("reviewed") <= 1
        answers = kinds.count("extended") + kinds.count("extension_denied")
        if not _may_stay_freely(life):
            assert answers <= kinds.count("extension_asked")


def nothing_is_granted_without_the_approvals_that_its_policy_asks_for(
    seen: Seen, asked: Mapping[str, Asked]
) -> None:
    for life in seen.lives:
        request, quorum = life.request, max(rules.min_approvals for rules in _rules_of(life))
        approvers = _approvers_of(life)
        approvals = [_who(event) for event in life.of_kind("approved")]
        assert set(approvals) <= approvers - request.involved
        assert len(set(approvals)) == len(approvals) <= quorum
        if request.grant is None and not life.of_kind("scheduled"):
            assert len(approvals) < quorum
        elif asked[request.id].broke_glass:
            assert request.requester.object_id == _who(life.of_kind("broke_glass")[0])
        else:
            assert len(approvals) == quorum


def nothing_is_prolonged_without_the_approvals_that_its_policy_asks_for(seen: Seen) -> None:
    for life in seen.lives:
        request = life.request
        if _may_stay_freely(life):
            assert {_who(event) for event in life.of_kind("extended")} <= request.involved
            assert not life.of_kind("extension_allowed")
            continue
        quorum = max(rules.min_approvals for rules in _rules_of(life))
        allowed: list[str] = []
        for event in life.events:
            if event.kind in {"extension_allowed", "extended"}:
                allowed.append(_who(event))
                assert (len(set(allowed)) == quorum) == (event.kind == "extended")
            assert len(set(allowed)) == len(allowed)
            assert set(allowed) <= _approvers_of(life) - request.involved
            if event.kind in {"extended", "extension_denied"}:
                allowed.clear()
        open_ = request.extension.approvals if request.extension else ()
        assert [approval.approver.object_id for approval in open_] == allowed


def nobody_reminds_the_approvers_too_often(seen: Seen) -> None:
    """Only the requester or the grantee can, half an hour after the last reminder."""
    for life in seen.lives:
        reminders = life.of_kind("reminded")
        for before, after in pairwise(reminders):
            assert after.at - before.at >= REMIND_AGAIN
        for one in reminders:
            assert one.actor is None or one.actor.object_id in life.request.involved


def nothing_starts_early(seen: Seen, asked: Mapping[str, Asked]) -> None:
    for life in seen.lives:
        starts_at, request = asked[life.request.id].starts_at, life.request
        assert request.starts_at == starts_at
        if request.state is RequestState.SCHEDULED:
            assert request.grant is None
        begun = [*life.of_kind("started"), *life.of_kind("granted")]
        assert not begun or starts_at is None or starts_at <= min(event.at for event in begun)
        if request.grant and request.grant.granted_at and starts_at:
            assert starts_at <= request.grant.granted_at


def no_window_is_longer_than_was_allowed(seen: Seen, asked: Mapping[str, Asked]) -> None:
    for life in seen.lives:
        grant = life.request.grant
        if grant is None or grant.granted_at is None or grant.expires_at is None:
            continue
        wanted = asked[life.request.id]
        cap = cap_of(wanted.secrets, broke_glass=wanted.broke_glass)
        less = [_seconds(event, "window") for event in life.of_kind("approved")]
        more = [_seconds(event, "by") for event in life.of_kind("extended")]
        allowed = min([wanted.window or cap, *(one for one in less if one)])
        [granted] = life.of_kind("granted")
        assert grant.granted_at <= granted.at
        assert grant.expires_at - grant.granted_at <= min(cap, allowed + sum(more, timedelta()))


def what_was_left_out_is_not_granted(seen: Seen, asked: Mapping[str, Asked]) -> None:
    """And what was asked for is either granted or left out, by whom the evidence says."""
    for life in seen.lives:
        request = life.request
        left_out = [one.target for one in request.left_out]
        names = {name for event in life.of_kind("approved") for name in _named(event)}
        assert {target.secret for target in left_out} == names
        assert len(request.asked_for) == len(asked[request.id].secrets)
        assert set(asked[request.id].secrets) == {*request.secrets, *names}
        for target in left_out:
            scope = RULES[target.secret].vault.secret_scope(target.secret)
            assert not [one for one in request.assignments if is_within(scope, one.scope)]


def _named(event: Event) -> set[str]:
    return set(str(event.facts.get("left_out") or "").split(", ")) - {""}


def every_chain_is_whole_and_only_grows(seen: Seen, before: Mapping[str, Sequence[str]]) -> None:
    for life in seen.lives:
        known = before.get(life.request.id, ())
        assert str(life.verdict.sentence) == f"unbroken: {life.verdict.events} event" + (
            "" if life.verdict.events == 1 else "s"
        )
        assert tuple(known) == tuple(life.hashes[: len(known)])


def whatever_is_open_is_on_the_lists_of_whom_it_concerns(seen: Seen) -> None:
    for who in REQUESTERS:
        held = {
            life.request.id
            for life in seen.lives
            if who.object_id in life.request.involved
            and (life.is_open or life.request.state in _BEFORE_ACCESS)
        }
        assert held == seen.asked_by[who]
    for who in (ADA, BO, CY):
        assert {
            life.request.id for life in seen.lives if _can_answer(life.request, who, seen.now)
        } == seen.waiting_for[who]


def _end_of(request: Request) -> datetime:
    """Return when access should be gone, or when to give up granting it."""
    grant = request.granted
    if request.state is RequestState.GRANTING:
        return grant.give_up_at
    if request.state is RequestState.ACTIVE and grant.expires_at:
        return grant.expires_at
    return request.revoke_since or grant.give_up_at - GRANT_PATIENCE


def _approvers_of(life: Life) -> set[str]:
    """Return who can decide under each policy; after escalation, its contacts too."""
    is_escalated = bool(life.of_kind("escalated"))
    named = [
        approvers_under(RULES[secret], escalated=is_escalated) for secret in life.request.secrets
    ]
    return set.intersection(*named)


def _rules_of(life: Life) -> list[Policy]:
    """Return the rules of all that was asked for: the terms stay when something is left out."""
    return [RULES[target.secret] for target in life.request.asked_for]


def _may_stay_freely(life: Life) -> bool:
    """Return whether more time needs no approval: nobody has allowed less than was asked for."""
    is_shorter = any("window" in event.facts for event in life.of_kind("approved"))
    return not is_shorter and all(rules.extend_freely for rules in _rules_of(life))


def _can_answer(request: Request, who: Actor, now: datetime) -> bool:
    groups = memberships_of(who)
    answers = (
        decide_approval(request, who, groups),
        decide_extension_approval(request, who, now, memberships=groups),
        decide_review(request, who, groups),
    )
    return any(answer.allowed for answer in answers)


def _who(event: Event) -> str:
    assert event.actor is not None
    return event.actor.object_id


def _seconds(event: Event, fact: str) -> timedelta:
    return timedelta(seconds=float(str(event.facts.get(fact, 0))))
