"""What people see: their access, what waits for them, and nothing that isn't theirs."""

from datetime import timedelta

import pytest

from domain.access.request import Request, RequestState
from domain.people import Actor
from domain.refusals.records import NothingToSee
from services.access.listings import MOST_COUNTED
from services.azure.tables import AzureTable
from services.faults import Unavailable
from services.workflow.lists.index import GRACE, PAGE
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    OTHER_SECRET,
    email_of,
    policies,
)
from tests.support.replica import Replica, World
from tests.support.tables.crashing_table import Crash, Killed, When

ADMIN = CY


async def _mine(replica: Replica, who: Actor = DANA, most: int = 10) -> list[str]:
    return [request.id for request in (await replica.listings.mine(who, most)).requests]


async def _waiting(replica: Replica, who: Actor = ADA, most: int = 5) -> list[str]:
    return [request.id for request in (await replica.listings.to_decide(who, most)).requests]


@pytest.mark.parametrize("who", [DANA, ADA, BO, ADMIN])
async def test_a_request_is_shown_to_people_involved_approvers_and_admins(who: Actor) -> None:
    replica = Replica(World())
    request = await replica.ask()

    assert await replica.listings.find(who, "req-one") == request


@pytest.mark.parametrize(("who", "workflow_id"), [(EVE, "req-one"), (DANA, "req-none")])
async def test_someone_elses_request_and_a_missing_one_get_the_same_answer(
    who: Actor, workflow_id: str
) -> None:
    replica = Replica(World())
    await replica.ask()

    with pytest.raises(NothingToSee):
        await replica.listings.find(who, workflow_id)


async def test_a_person_sees_pending_and_active_requests_in_the_order_they_asked() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    world.clock.advance(minutes=1)
    await replica.ask(request_id="req-two", secret=OTHER_SECRET)
    await replica.ask(EVE, "req-eve")
    await replica.settle()

    states = [request.state for request in (await replica.listings.mine(DANA, 10)).requests]

    assert await _mine(replica) == ["req-one", "req-two"]
    assert states == [RequestState.ACTIVE, RequestState.PENDING]
    assert await _mine(replica, EVE) == ["req-eve"]
    assert await _mine(replica, ADA) == []


async def test_an_ended_request_is_on_no_list() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    await replica.ask(request_id="req-two")
    await replica.deny(request_id="req-two")
    await replica.ask(request_id="req-three")
    await replica.endings.cancel(DANA, "req-three")
    await replica.pass_time(2 * HOUR)

    assert await _mine(replica) == []
    assert await _waiting(replica) == []
    assert await world.listed() == []


async def test_an_approver_sees_what_waits_for_them_oldest_first() -> None:
    world = World()
    replica = Replica(world)
    for number in (3, 1, 2):
        await replica.ask(request_id=f"req-{number}")
        world.clock.advance(minutes=1)
    await replica.ask(ADA, "req-own")

    assert await _waiting(replica) == ["req-3", "req-1", "req-2"]
    assert await _waiting(replica, BO) == ["req-3", "req-1", "req-2", "req-own"]
    assert await _waiting(replica, DANA) == []


async def test_a_request_an_approver_has_answered_only_waits_for_the_others() -> None:
    rules = policies(approvers=(email_of(ADA), email_of(BO)), min_approvals=2)
    replica = Replica(World(rules=rules))
    await replica.ask()
    await replica.approve(ADA)
    await replica.settle()

    assert await _waiting(replica, ADA) == []
    assert await _waiting(replica, BO) == ["req-one"]


async def test_an_extension_request_waits_for_an_approver_too() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    world.clock.advance(minutes=5)
    before = await _waiting(replica)

    await replica.extensions.ask(DANA, "req-one", 30 * MINUTE)
    during = await _waiting(replica)
    await replica.extensions.allow(ADA, "req-one")
    await replica.settle()

    assert (before, during, await _waiting(replica)) == ([], ["req-one"], [])
    assert [row for row in await world.listed() if "decides" in row] == []


async def test_an_escalation_contact_finds_it_on_their_list() -> None:
    rules = policies(escalation=(email_of(CY),), escalate_after=HOUR)
    replica = Replica(World(rules=rules))
    await replica.ask()
    before = await _waiting(replica, CY)

    await replica.pass_time(HOUR)

    assert (before, await _waiting(replica, CY)) == ([], ["req-one"])


async def test_the_oldest_of_many_are_shown_and_the_rest_counted() -> None:
    world = World()
    replica = Replica(world)
    for number in range(8):
        await replica.ask(request_id=f"req-{number}")
        world.clock.advance(seconds=1)

    listing = await replica.listings.to_decide(ADA, 5)

    assert [request.id for request in listing.requests] == [f"req-{n}" for n in range(5)]
    assert listing.more == 3


async def test_a_list_is_read_no_further_than_it_counts() -> None:
    world = World()
    replica = Replica(world)
    for number in range(100):
        await replica.ask(request_id=f"req-{number:03}")
    await replica.settle()
    world.table.forget_counts()

    listing = await replica.listings.mine(DANA, 5)

    assert (len(listing.requests), listing.more) == (5, MOST_COUNTED)
    pages = -(-(5 + MOST_COUNTED) // PAGE)
    assert world.table.rows_read == pages * PAGE * 2


async def test_the_cost_of_a_list_depends_on_what_it_shows_not_on_what_is_stored() -> None:
    world = World()
    replica = Replica(world)
    for number in range(30):
        await replica.give(request_id=f"req-{number:03}", window=5 * MINUTE)
        await replica.pass_time(6 * MINUTE)
    await replica.ask(request_id="req-now")
    await replica.settle()
    world.table.forget_counts()

    assert await _waiting(replica) == ["req-now"]
    assert await _mine(replica) == ["req-now"]
    assert world.table.rows_read == 4


async def test_requests_of_the_same_instant_are_all_listed_across_pages() -> None:
    replica = Replica(World())
    names = [f"req-{number:02}" for number in range(PAGE + 2)]
    for name in names:
        await replica.ask(request_id=name)

    assert await _mine(replica, most=100) == names


async def test_on_the_real_table_open_requests_are_listed_and_ended_ones_are_not(
    azurite_table: AzureTable,
) -> None:
    replica = Replica(World(azurite_table))
    names = [f"req-{number:02}" for number in range(PAGE + 2)]
    for name in names:
        await replica.ask(request_id=name)
    await replica.deny(request_id=names[3])
    await replica.worker.idle()

    del names[3]
    assert await _mine(replica, most=100) == names
    assert await _waiting(replica, most=100) == names


@pytest.mark.parametrize("when", list(When))
async def test_wherever_a_process_crashes_no_open_request_is_missing_from_a_list(
    when: When,
) -> None:
    whole = Crash()
    await _lives(Replica(World(), whole))

    assert whole.points > 10
    for point in range(1, whole.points + 1):
        world = World()
        with pytest.raises(Killed):
            await _lives(Replica(world, Crash(point, when)))
        replica = Replica(world)
        stored = await replica.workflows.load_as(Request, "req-one")
        state = stored.head.state if stored else None

        held = {RequestState.PENDING, RequestState.GRANTING, RequestState.ACTIVE}
        held |= {RequestState.REVOKING}
        mine = ["req-one"] if state in held else []
        waits = ["req-one"] if state is RequestState.PENDING else []
        assert await _mine(replica) == mine, f"died {when} point {point}"
        assert await _waiting(replica) == waits, f"died {when} point {point}"
        assert await _waiting(replica, BO) == waits, f"died {when} point {point}"


async def _lives(replica: Replica) -> None:
    await replica.ask()
    await replica.settle()
    await replica.approve()
    await replica.settle()
    await replica.endings.give_back(DANA, "req-one")
    await replica.settle()


async def test_leftovers_of_a_crash_are_skipped_and_later_removed_by_a_reader() -> None:
    world = World()
    with pytest.raises(Killed):
        await Replica(world, Crash(4)).ask()  # the lists are written, the request is not
    replica = Replica(world)
    left = await world.listed()

    soon = await _mine(replica), await _waiting(replica), await world.listed()
    world.clock.advance_to(world.clock() + GRACE + timedelta(seconds=1))
    later = await _mine(replica), await _waiting(replica), await _waiting(replica, BO)

    assert len(left) == 3
    assert ([], [], left) == soon
    assert later == ([], [], [])
    assert await world.listed() == []


async def test_a_request_submitted_again_after_a_crash_is_listed_once() -> None:
    world = World()
    with pytest.raises(Killed):
        await Replica(world, Crash(4)).ask()
    world.clock.advance(minutes=1)
    replica = Replica(world)
    await replica.ask()

    assert await _mine(replica) == ["req-one"]
    assert await _waiting(replica) == ["req-one"]


async def test_a_table_failure_during_cleanup_leaves_rows_but_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()

    with monkeypatch.context() as patched:
        patched.setattr(replica.index, "remove", _failing)
        await replica.deny()
        await replica.settle()

    assert (await replica.request()).state is RequestState.DENIED
    assert len(await world.listed()) == 3
    assert await _mine(replica) == []


async def _failing(_: object) -> None:
    raise Unavailable("Tables", "503")
