"""What no one can approve any more: who waits for it hears that, and nobody is asked for it."""

from collections.abc import Callable

import pytest

from domain import refusals
from domain.access.request import RequestState
from services.faults import Unavailable
from tests.support.builders import (
    ADA,
    BO,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    email_of,
    in_directory,
    policies,
)
from tests.support.refusing import refusing
from tests.support.replica import Replica, World

ONLY_EVE = policies(requesters=(email_of(EVE),), longest=4 * HOUR)


def _rules_changed(world: World) -> None:
    world.policies.adopt(ONLY_EVE)


def _secret_closed(world: World) -> None:
    world.policies.adopt(policies("another-secret"))


def _requester_left(world: World) -> None:
    world.people.disable(in_directory(DANA))


CAUSES = {
    "no_longer_allowed": _rules_changed,
    "no_longer_requestable": _secret_closed,
    "requester_gone": _requester_left,
}


async def asked(remind_after: float = 60) -> Replica:
    replica = Replica(World(rules=policies(remind_after=remind_after * MINUTE)))
    await replica.ask()
    await replica.settle()
    return replica


def told(replica: Replica) -> list[str]:
    return replica.world.message_sender.sent_to(DANA.object_id)


@pytest.mark.parametrize(("why", "cause"), CAUSES.items(), ids=CAUSES)
async def test_the_requester_hears_that_an_approver_could_not_approve_it(
    why: str, cause: Callable[[World], None]
) -> None:
    replica = await asked()
    cause(replica.world)

    with pytest.raises(refusals.Refusal):
        await replica.approve(ADA)
    await replica.settle()

    noted = (await replica.events())[-1]
    assert (noted.kind, noted.actor, noted.facts["reason"]) == ("not_approvable", ADA, why)
    assert told(replica) == ["not_approvable"]
    assert replica.world.message_sender.audited()[-1] == "not_approvable"
    assert (await replica.request()).state is RequestState.PENDING


async def test_the_requester_hears_it_once_however_often_approvers_try() -> None:
    replica = await asked()
    _rules_changed(replica.world)

    for approver in (ADA, ADA, BO):
        with pytest.raises(refusals.NoLongerAllowed):
            await replica.approve(approver)
    await replica.settle()

    assert told(replica) == ["not_approvable"]


async def test_someone_who_is_no_approver_finds_nothing_out() -> None:
    replica = await asked()
    _rules_changed(replica.world)

    with pytest.raises(refusals.NotAnApprover):
        await replica.approve(EVE)

    assert await replica.event_kinds() == ["requested"]


async def test_a_denial_is_no_attempt_to_approve() -> None:
    replica = await asked()
    _rules_changed(replica.world)

    await replica.deny(ADA)

    assert await replica.event_kinds() == ["requested", "denied"]


@pytest.mark.parametrize(("why", "cause"), CAUSES.items(), ids=CAUSES)
async def test_approvers_are_not_reminded_of_what_they_cannot_approve_and_the_requester_hears_it(
    why: str, cause: Callable[[World], None]
) -> None:
    replica = await asked()
    cause(replica.world)

    await replica.pass_time(2 * HOUR)

    noted = (await replica.events())[-1]
    assert (noted.kind, noted.actor, noted.facts["reason"]) == ("not_approvable", None, why)
    assert (await replica.event_kinds()).count("not_approvable") == 1
    assert told(replica) == ["not_approvable"]
    assert "reminded" not in replica.world.message_sender.sent_to(ADA.object_id)


async def test_a_requester_who_asks_for_a_reminder_hears_why_no_one_can_approve_it() -> None:
    replica = await asked()
    _rules_changed(replica.world)

    with refusing(refusals.NoLongerAllowed, saying=DANA.name):
        await replica.reminders.remind(DANA, "req-one", "")

    assert await replica.event_kinds() == ["requested"]


async def test_it_can_be_approved_once_the_rules_allow_it_again() -> None:
    replica = await asked()
    _rules_changed(replica.world)
    await replica.pass_time(2 * HOUR)

    replica.world.policies.adopt(policies())

    assert (await replica.approve(ADA)).state is RequestState.GRANTING


async def test_an_outage_of_the_directory_keeps_no_approver_from_being_reminded() -> None:
    replica = await asked()
    fault = Unavailable("Microsoft Graph", "503", outcome_unknown=False)
    replica.world.people.faults.order("find", fault, times=1_000)

    await replica.pass_time(2 * HOUR)

    assert await replica.event_kinds() == ["requested", "reminded"]


async def test_the_approver_is_refused_even_if_that_cannot_be_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replica = await asked()
    _rules_changed(replica.world)

    async def away(*_: object) -> None:
        raise Unavailable("Table Storage", "503", outcome_unknown=False)

    monkeypatch.setattr(replica.engine, "record", away)

    with pytest.raises(refusals.NoLongerAllowed):
        await replica.approve(ADA)


async def test_who_waits_for_more_time_hears_that_an_approver_could_not_approve_it() -> None:
    replica = Replica(World(rules=policies(longest=4 * HOUR)))
    await replica.give()
    await replica.extensions.ask(DANA, "req-one", HOUR, "wish")
    _rules_changed(replica.world)

    for approver in (ADA, BO):
        with pytest.raises(refusals.NoLongerAllowed):
            await replica.extensions.allow(approver, "req-one", "wish")
    await replica.settle()

    noted = (await replica.events())[-1]
    assert (noted.kind, noted.facts["by"]) == ("not_approvable", HOUR.total_seconds())
    assert told(replica)[-1] == "not_approvable"
    assert (await replica.event_kinds()).count("not_approvable") == 1


async def test_people_hear_it_again_of_more_time_that_is_asked_for_later() -> None:
    replica = Replica(World(rules=policies(longest=4 * HOUR)))
    await replica.ask()
    _rules_changed(replica.world)
    with pytest.raises(refusals.NoLongerAllowed):
        await replica.approve(ADA)
    replica.world.policies.adopt(policies(longest=4 * HOUR))
    await replica.approve(ADA)
    await replica.settle()
    await replica.extensions.ask(DANA, "req-one", HOUR, "wish")

    _rules_changed(replica.world)
    with pytest.raises(refusals.NoLongerAllowed):
        await replica.extensions.allow(ADA, "req-one", "wish")

    assert (await replica.event_kinds()).count("not_approvable") == 2
