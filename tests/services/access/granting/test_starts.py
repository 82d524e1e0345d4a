"""Scheduled access: everything is checked again at its start, and nothing is granted unchecked."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cards.access.event_card import audit_card, holder_card, requester_card
from cards.access.request_card import request_card
from domain.access.request import GRANT_PATIENCE, AccessEvent, Request, RequestState
from domain.access.rules.step_up_rule import StepUpAct, StepUpRule
from domain.people import Actor
from domain.refusals.decisions import AlreadyDecided
from domain.refusals.endings import NotYoursToCancel
from domain.refusals.extensions import NothingToExtend
from domain.refusals.records import NothingToSee
from domain.refusals.refusal import Refusal
from domain.refusals.starts import NoLaterStart, StartInThePast, StartsAtOnce, StartTooFarAhead
from services.access.requests import RequestLimits
from services.faults import NotPermitted, Unavailable
from services.policies import Policies
from services.ports import SecretState
from tests.cards.reading_cards import whole_text
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    OTHER_SECRET,
    SECOND,
    SECRET,
    VAULT,
    email_of,
    in_directory,
    policies,
)
from tests.support.clock import NINE
from tests.support.obstacles import OBSTACLES
from tests.support.refusing import failure_of
from tests.support.replica import Replica, World, a_draft

NOON = NINE + 3 * HOUR
DOWN = 1_000_000

SCHEDULED, ACTIVE = RequestState.SCHEDULED, RequestState.ACTIVE
FAILED, CANCELLED = RequestState.FAILED, RequestState.CANCELLED


def approved_by(*people: Actor, **changes: Any) -> Policies:
    return policies(approvers=tuple(email_of(one) for one in people), **changes)


async def scheduled(rules: Policies | None = None, **draft: Any) -> Replica:
    """Let Dana request access for an hour from noon, and Ada approve it."""
    replica = Replica(World(rules=rules))
    await replica.ask(**({"starts_at": NOON} | draft))
    await replica.settle()
    await replica.approve()
    await replica.settle()
    return replica


async def at_noon(replica: Replica) -> Request:
    await replica.pass_time(NOON - replica.clock())
    await replica.settle()
    return await replica.request()


async def test_nothing_is_asked_of_azure_before_the_start() -> None:
    replica = await scheduled()

    await replica.pass_time(3 * HOUR - SECOND)

    assert (await replica.request()).state is SCHEDULED
    assert await replica.event_kinds() == ["requested", "approved", "scheduled"]
    assert replica.world.assignments.by_name() == {}
    assert await replica.world.leases() == []


async def test_the_window_counts_from_the_grant() -> None:
    request = await at_noon(await scheduled())

    assert request.state is ACTIVE
    assert (request.granted.granted_at, request.granted.expires_at) == (NOON, NOON + HOUR)


async def test_access_shared_with_an_earlier_grant_still_lasts_its_whole_window() -> None:
    replica = await scheduled()
    await replica.pass_time(2 * HOUR)
    await replica.give(request_id="req-earlier", window=2 * HOUR)

    request = await at_noon(replica)

    assert request.granted.expires_at == NOON + HOUR


async def test_an_approval_after_the_start_grants_at_once_for_the_whole_window() -> None:
    replica = Replica(World())
    await replica.ask(starts_at=NOON)
    await replica.pass_time(4 * HOUR)

    await replica.approve()
    await replica.settle()

    request = await replica.request()
    assert request.state is ACTIVE
    assert request.granted.expires_at == NOON + 2 * HOUR
    assert AccessEvent.SCHEDULED not in await replica.event_kinds()


async def test_with_a_quorum_the_last_approval_schedules_it() -> None:
    replica = Replica(World(rules=approved_by(ADA, BO, min_approvals=2)))
    await replica.ask(starts_at=NOON)
    await replica.approve(ADA)
    first = (await replica.request()).state
    await replica.approve(BO)

    assert first is RequestState.PENDING
    assert (await replica.request()).state is SCHEDULED
    assert (await at_noon(replica)).state is ACTIVE


async def test_a_window_that_an_approver_shortened_is_the_one_that_starts() -> None:
    replica = Replica(World())
    await replica.ask(starts_at=NOON)
    less = RequestLimits(10 * MINUTE, given=True, narrowed=False)
    await replica.access.approve(ADA, "req-one", less)

    request = await at_noon(replica)

    assert request.granted.expires_at == NOON + 10 * MINUTE


@pytest.mark.parametrize("obstacle", OBSTACLES)
async def test_what_changed_before_the_start_is_noticed_and_nothing_is_granted(
    obstacle: str,
) -> None:
    change, code = OBSTACLES[obstacle]
    replica = await scheduled()
    await replica.pass_time(3 * HOUR - SECOND)
    change(replica.world)

    request = await at_noon(replica)

    assert request.state is FAILED
    assert request.failure is not None
    assert code in {request.failure.code, *(part.code for part in request.failure.parts)}
    assert replica.world.assignments.by_name() == {}
    assert await replica.world.queued() == []
    assert (await replica.event_kinds())[-1] == "failed"


async def test_an_approver_who_left_a_moment_ago_counts_no_more() -> None:
    """The directory is asked again, whatever it said a minute before."""
    replica = await scheduled()
    await replica.pass_time(3 * HOUR - MINUTE)
    await replica.ask(EVE, "req-other")
    replica.world.people.disable(in_directory(ADA))

    request = await at_noon(replica)

    assert request.state is FAILED
    assert "Ada Approver" in failure_of(request)


async def test_everybody_gets_a_message_that_it_did_not_start() -> None:
    replica = await scheduled()
    replica.world.people.disable(in_directory(DANA))

    await at_noon(replica)

    events = await replica.event_kinds()
    number = f"{events.index('failed') + 1:06d}"
    posted = replica.world.message_sender.posted()
    assert {f"requester-{number}", f"audit-{number}"} <= set(posted)


async def test_of_several_secrets_one_that_is_gone_stops_all() -> None:
    replica = await scheduled(secrets=(SECRET, OTHER_SECRET))
    replica.world.secrets.put(VAULT, OTHER_SECRET, SecretState.UNKNOWN)

    request = await at_noon(replica)

    assert request.state is FAILED
    assert request.failure
    assert [part.code for part in request.failure.parts] == ["unknown_secret"]
    assert replica.world.assignments.by_name() == {}


async def test_a_colleague_who_left_gets_nothing() -> None:
    rules = policies(on_behalf=(email_of(DANA),))
    replica = await scheduled(rules, for_whom=email_of(EVE))
    replica.world.people.disable(in_directory(EVE))

    request = await at_noon(replica)

    assert request.state is FAILED
    assert "Eve Engineer" in failure_of(request)


async def test_access_on_behalf_starts_for_the_colleague() -> None:
    replica = await scheduled(policies(on_behalf=(email_of(DANA),)), for_whom=email_of(EVE))

    await at_noon(replica)

    [facts] = replica.world.assignments.by_name().values()
    assert facts.assignment.principal_id == EVE.object_id


async def test_one_who_may_no_longer_ask_for_others_gets_nothing_for_them() -> None:
    replica = await scheduled(policies(on_behalf=(email_of(DANA),)), for_whom=email_of(EVE))
    replica.world.policies.adopt(policies())

    assert (await at_noon(replica)).state is FAILED


async def test_a_change_of_approvers_ends_it_at_once_so_that_there_is_time_to_ask_again() -> None:
    replica = await scheduled()
    replica.world.policies.adopt(approved_by(BO))

    await replica.following.follow()
    await replica.settle()

    request = await replica.request()
    assert request.state is FAILED
    assert "Ada Approver" in failure_of(request)
    assert (await replica.event_kinds())[-2:] == ["approvers_changed", "failed"]
    assert await replica.world.queued() == []


async def test_a_rule_that_asks_the_requester_for_a_sign_in_ends_it_at_once() -> None:
    replica = await scheduled()
    rule = StepUpRule(required=True, acts=(StepUpAct.REQUEST,))
    replica.world.policies.adopt(policies(step_up=rule))
    await replica.following.follow()

    request = await replica.request()

    assert request.state is FAILED
    assert failure_of(request) == (
        "By today's rules, Dana Developer has to confirm such a request with a fresh sign-in, and "
        "this one wasn't confirmed as they ask. Ask again. Nothing was granted."
    )


async def test_a_change_that_leaves_enough_approvals_changes_nothing_else() -> None:
    replica = await scheduled()
    replica.world.policies.adopt(approved_by(ADA, CY))

    await replica.following.follow()

    assert (await replica.request()).state is SCHEDULED
    assert (await at_noon(replica)).state is ACTIVE


def _directory_down(world: World) -> None:
    world.people.faults.order("find", Unavailable("Microsoft Graph", "503"), times=DOWN)


def _vault_down(world: World) -> None:
    world.secrets.faults.order("state", Unavailable("Key Vault", "503"), times=DOWN)


def _not_permitted(world: World) -> None:
    world.secrets.faults.order("state", NotPermitted("Key Vault", "403"), times=DOWN)


def _all_well(world: World) -> None:
    world.people.faults.clear()
    world.secrets.faults.clear()


OUTAGES = {"directory": _directory_down, "vault": _vault_down, "permissions": _not_permitted}


@pytest.mark.parametrize("outage", OUTAGES)
async def test_an_outage_at_the_start_delays_it(outage: str) -> None:
    replica = await scheduled()
    OUTAGES[outage](replica.world)
    await replica.pass_time(3 * HOUR + 5 * MINUTE)
    during = await replica.request()
    _all_well(replica.world)
    await replica.pass_time(5 * MINUTE)
    request = await replica.request()

    assert (during.state, during.attempt > 1) == (SCHEDULED, True)
    assert request.state is ACTIVE
    started = request.granted.granted_at
    assert started is not None
    assert NOON + 5 * MINUTE < started <= NOON + GRANT_PATIENCE
    assert request.granted.expires_at == started + HOUR


@pytest.mark.parametrize("outage", OUTAGES)
async def test_an_outage_that_lasts_ends_it_without_a_grant(outage: str) -> None:
    replica = await scheduled()
    OUTAGES[outage](replica.world)

    await replica.pass_time(3 * HOUR + GRANT_PATIENCE)
    _all_well(replica.world)
    await replica.pass_time(HOUR)

    request = await replica.request()
    assert request.state is FAILED
    assert "10 minutes" in failure_of(request)
    assert replica.world.assignments.by_name() == {}
    assert await replica.world.queued() == []


async def test_rules_that_nobody_can_name_delay_the_start() -> None:
    replica = await scheduled()
    known = replica.world.policies.in_force
    replica.world.policies.put_in_force(replace(known, rules=(), stand_in=True))

    waiting = await at_noon(replica)
    replica.world.policies.put_in_force(known)
    await replica.pass_time(5 * MINUTE)

    assert waiting.state is SCHEDULED
    assert (await replica.request()).state is ACTIVE


async def test_an_owner_who_cannot_be_looked_up_still_counts_once_the_vault_answers() -> None:
    world = World(rules=approved_by(BO, owners_approve=True))
    world.secrets.tag(VAULT, SECRET, owner=email_of(ADA))
    replica = Replica(world)
    await replica.ask(starts_at=NOON)
    await replica.approve(ADA)
    world.secrets.faults.order("tags", Unavailable("Key Vault", "503"), times=DOWN)
    await replica.pass_time(3 * HOUR + MINUTE)
    during = (await replica.request()).state
    _all_well(world)
    await replica.pass_time(5 * MINUTE)

    assert during is SCHEDULED
    assert (await replica.request()).state is ACTIVE


async def test_one_who_may_be_a_guest_is_waited_for_and_not_granted() -> None:
    both = {"secrets": (SECRET, OTHER_SECRET)}
    replica = await scheduled(policies(guests=False), **both)
    dana = in_directory(DANA)
    replica.world.people.remove(dana)
    replica.world.people.add(replace(dana, guest=None))

    await replica.pass_time(3 * HOUR + MINUTE)

    assert (await replica.request()).state is SCHEDULED


async def test_a_bot_that_was_down_makes_up_for_the_start_within_the_window() -> None:
    replica = await scheduled()
    replica.clock.advance(3 * HOUR + 59 * MINUTE)

    await Replica(replica.world).settle()

    request = await replica.request()
    assert request.state is ACTIVE
    assert request.granted.granted_at == NOON + 59 * MINUTE


async def test_a_start_that_was_missed_entirely_is_not_made_up_for() -> None:
    replica = await scheduled()
    replica.clock.advance(4 * HOUR)

    await Replica(replica.world).settle()

    request = await replica.request()
    assert request.state is FAILED
    assert "the time that was asked for is over" in failure_of(request)
    assert replica.world.assignments.by_name() == {}


async def test_two_replicas_start_it_once() -> None:
    replica = await scheduled()
    other = Replica(replica.world)
    replica.clock.advance(3 * HOUR)

    await replica.worker.run_once()
    await other.worker.run_once()
    await replica.settle()

    kinds = await replica.event_kinds()
    assert (kinds.count("started"), kinds.count("granted")) == (1, 1)


@pytest.mark.parametrize("who", [DANA, ADA, BO, CY])
async def test_requester_approvers_and_admins_can_end_it_before_its_start(who: Actor) -> None:
    replica = await scheduled()

    request = await replica.endings.end(who, "req-one")
    again = await replica.endings.end(who, "req-one")
    await at_noon(replica)

    assert (request.state, request.ended_by) == (CANCELLED, who)
    assert again == request
    assert (await replica.event_kinds())[-1] == "called_off"
    assert replica.world.assignments.by_name() == {}
    assert await replica.world.queued() == []


async def test_others_can_neither_see_nor_end_it() -> None:
    replica = await scheduled()

    with pytest.raises(NothingToSee):
        await replica.endings.end(EVE, "req-one")


async def test_the_requester_can_cancel_it_and_an_approver_cannot() -> None:
    replica = await scheduled()

    with pytest.raises(NotYoursToCancel):
        await replica.endings.cancel(ADA, "req-one")
    request = await replica.endings.cancel(DANA, "req-one")

    assert request.state is CANCELLED
    assert (await at_noon(replica)).state is CANCELLED
    assert await replica.world.listed() == []


async def test_a_second_answer_says_that_it_is_already_approved() -> None:
    replica = await scheduled()

    with pytest.raises(AlreadyDecided):
        await replica.deny(BO)


async def test_it_can_be_extended_only_once_it_has_started() -> None:
    replica = await scheduled()

    with pytest.raises(NothingToExtend):
        await replica.extensions.ask(DANA, "req-one", HOUR)


@pytest.mark.parametrize(
    ("within", "after", "refusal"),
    [
        (7 * 24 * HOUR, timedelta(), StartInThePast),
        (7 * 24 * HOUR, -MINUTE, StartInThePast),
        (7 * 24 * HOUR, 7 * 24 * HOUR + SECOND, StartTooFarAhead),
        (HOUR, 2 * HOUR, StartTooFarAhead),
        (timedelta(), HOUR, NoLaterStart),
    ],
)
async def test_a_start_must_be_ahead_but_not_too_far(
    within: timedelta, after: timedelta, refusal: type[Refusal]
) -> None:
    replica = Replica(World(rules=policies(start_within=within)))

    with pytest.raises(refusal):
        await replica.ask(starts_at=NINE + after)

    assert await replica.workflows.load("req-one") is None


async def test_a_start_exactly_at_the_limit_is_allowed() -> None:
    replica = Replica(World(rules=policies(start_within=24 * HOUR)))

    request = await replica.ask(starts_at=NINE + 24 * HOUR)

    assert request.starts_at == NINE + 24 * HOUR


async def test_break_glass_access_cannot_be_planned() -> None:
    replica = Replica(World(rules=policies(break_glass=(email_of(DANA),))))
    draft = a_draft(window=None, starts_at=NOON)

    with pytest.raises(StartsAtOnce):
        await replica.access.break_glass(DANA, draft, [])

    assert await replica.workflows.load("req-one") is None


async def test_only_the_requester_is_told_that_they_may_not_ask_in_the_second_person() -> None:
    replica = await scheduled(policies(on_behalf=(email_of(DANA),)), for_whom=email_of(EVE))
    replica.world.policies.adopt(policies())

    request = await at_noon(replica)
    [*_, failed] = await replica.events()

    assert "You can't request demo-api-key for Eve" in whole_text(requester_card(request, failed))
    for words in (
        whole_text(holder_card(request, failed)),
        whole_text(audit_card(request, failed, 4)),
        whole_text(request_card(request, buttons=False)),
    ):
        assert "Dana Developer can't request demo-api-key for Eve Engineer." in words
