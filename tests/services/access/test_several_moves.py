"""One grant with several assignments: all or nothing, and gone when all of them are gone."""

import pytest

from composition.core import Core
from domain.access.request import GRANT_PATIENCE, NO_ROOM, OVERDUE_AFTER, Request, RequestState
from domain.access.target import Target
from domain.access.transitions import changes as access_changes
from domain.reconciliation.reconciliation import SETTLED_AFTER
from domain.workflow import Event
from services.access.granting.moves import Rotate
from services.faults import Fault, LimitReached, Rejected, Unavailable
from tests.support.builders import (
    ASSIGNMENT,
    DANA,
    HOUR,
    MINUTE,
    OTHER_SECRET,
    SECRET,
    a_request,
    a_revoking_request,
    a_target_alone,
    policies,
)
from tests.support.clock import NINE
from tests.support.refusing import failure_of
from tests.support.replica import Replica, World
from tests.support.several import ALONE, BOTH, SEVERAL, THIRD, SeveralWorld, a_world_of_several

STANDING = "0f0f0f0f-0000-4000-8000-000000000000"
DOWN = Unavailable("Azure", "503")
FULL = LimitReached("Azure", "full", status=400, code=NO_ROOM)


class _RotatingReplica(Replica):
    """A replica that notes which rotations follow a grant."""

    def __init__(self, world: World) -> None:
        self.rotated: list[tuple[str, str]] = []
        super().__init__(world)

    def _rotate_after_grant(self, core: Core) -> Rotate:
        async def rotate(request: Request, target: Target) -> None:
            self.rotated.append((request.id, target.secret))

        return rotate


async def _given(world: SeveralWorld) -> Replica:
    replica = Replica(world)
    await replica.give(secrets=SEVERAL)
    return replica


async def _approved(world: SeveralWorld) -> Replica:
    replica = Replica(world)
    await replica.ask(secrets=SEVERAL)
    await replica.approve()
    return replica


async def _last(replica: Replica) -> Event:
    return (await replica.events())[-1]


async def test_secrets_of_one_scope_share_an_assignment() -> None:
    world = a_world_of_several()

    replica = await _given(world)

    described = {facts.assignment.id: facts.description for facts in world.assignments.all()}
    assert described == {
        ASSIGNMENT.id: (
            "Latchkey req-one: access to demo-api-key, app-api-key, expires 2026-03-02T10:00:00Z"
        ),
        ALONE.id: "Latchkey req-one: access to third-api-key, expires 2026-03-02T10:00:00Z",
    }
    assert set(await world.leases()) == BOTH
    assert (await _last(replica)).facts["assignment"] == f"{ASSIGNMENT.id}, {ALONE.id}"


async def test_a_description_with_many_secrets_is_shortened() -> None:
    names = [f"{'long-name-' * 12}{number}" for number in range(10)]
    world = World(rules=policies(*names))
    replica = Replica(world)
    request = a_request(targets=tuple(a_target_alone(name, scope="/vault") for name in names))

    await replica.engine.open(access_changes.submit(request))
    await replica.approve()
    await replica.settle()

    (facts,) = world.assignments.all()
    assert f"access to {names[0]} and 9 more, expires" in facts.description


async def test_access_is_active_only_after_everything_was_read_back() -> None:
    world = a_world_of_several()
    world.assignments.trouble["create", ALONE.id] = DOWN
    replica = await _approved(world)

    await replica.tick()
    meanwhile = await replica.request()
    world.assignments.trouble.clear()
    world.clock.advance(MINUTE)
    await replica.settle()

    assert meanwhile.state is RequestState.GRANTING
    assert meanwhile.granted.made == (ASSIGNMENT.id,)
    assert meanwhile.cause == "third-api-key: 503"
    request = await replica.request()
    assert request.state is RequestState.ACTIVE
    assert request.granted.granted_at == NINE + MINUTE
    assert request.granted.made == ()


async def test_if_one_assignment_cannot_be_made_the_others_are_removed() -> None:
    world = a_world_of_several()
    world.assignments.trouble["create", ALONE.id] = Rejected("Azure", "400")
    replica = await _approved(world)

    await replica.settle()

    request = await replica.request()
    assert request.state is RequestState.FAILED
    assert failure_of(request) == (
        "Azure refused to create the role assignment for third-api-key. "
        "An admin has to look into it."
    )
    assert (await replica.event_kinds())[-2:] == ["gave_up", "failed"]
    assert world.assignments.all() == []
    assert await world.leases() == []


async def test_an_assignment_by_someone_else_is_left_alone_and_the_rest_removed() -> None:
    world = a_world_of_several()
    world.assignments.plant(ALONE, STANDING)
    replica = await _approved(world)

    await replica.settle()

    request = await replica.request()
    assert request.state is RequestState.FAILED
    assert failure_of(request) == (
        "Access to third-api-key already exists, assigned by someone else. It was left as it is."
    )
    assert world.assignments.names() == [STANDING]
    assert await world.leases() == []


async def test_after_giving_up_the_secret_whose_assignment_failed_is_named() -> None:
    world = a_world_of_several()
    world.assignments.trouble["create", ALONE.id] = DOWN
    replica = await _approved(world)

    await replica.pass_time(2 * GRANT_PATIENCE)

    request = await replica.request()
    assert request.state is RequestState.FAILED
    assert failure_of(request) == (
        "The role assignment for third-api-key wasn't created within 10 minutes."
    )
    assert world.assignments.all() == []


async def test_everything_ends_with_the_one_window() -> None:
    world = a_world_of_several()
    replica = await _given(world)

    await replica.pass_time(HOUR)

    assert (await replica.request()).state is RequestState.REVOKED
    expected = {"shared": False, "found": True, "assignments": 2, "kept": 0}
    assert (await _last(replica)).facts == expected
    assert world.assignments.all() == []
    assert await world.leases() == []


async def test_it_is_not_revoked_before_the_last_assignment_is_gone() -> None:
    world = a_world_of_several()
    replica = await _given(world)
    world.assignments.trouble["delete", ASSIGNMENT.id] = DOWN

    await replica.pass_time(HOUR + 3 * OVERDUE_AFTER)
    stuck = await replica.request()
    left = world.assignments.names()
    world.assignments.trouble.clear()
    await replica.pass_time(HOUR)

    assert stuck.state is RequestState.STUCK
    assert stuck.cause == "demo-api-key, app-api-key: 503"
    assert left == [ASSIGNMENT.id]
    assert (await replica.request()).state is RequestState.REVOKED
    assert world.assignments.all() == []


async def test_an_assignment_held_by_another_grant_stays() -> None:
    world = a_world_of_several()
    replica = await _given(world)
    await replica.give(request_id="req-two", secret=OTHER_SECRET, window=2 * HOUR)

    await replica.pass_time(HOUR)

    assert (await replica.request()).state is RequestState.REVOKED
    facts = (await _last(replica)).facts
    assert (facts["shared"], facts["assignments"], facts["kept"]) == (True, 2, 1)
    assert facts["still_by"] == "req-two"
    assert world.assignments.names() == [ASSIGNMENT.id]
    await replica.pass_time(HOUR)
    assert world.assignments.all() == []


async def test_if_someone_else_removes_one_assignment_all_access_ends() -> None:
    world = a_world_of_several()
    replica = await _given(world)
    await replica.pass_time(SETTLED_AFTER)
    world.assignments.forget(ALONE.scope, ALONE.id)

    await replica.reconcile.begin()
    await replica.settle()

    request = await replica.request()
    assert (request.state, request.out_of_band) == (RequestState.REVOKED, True)
    vanished, revoked = (await replica.events())[-2:]
    assert (vanished.kind, vanished.facts) == ("vanished", {"secrets": THIRD})
    assert revoked.facts["out_of_band"] is True
    assert world.assignments.all() == []
    assert await world.leases() == []


async def test_all_access_can_be_ended_early() -> None:
    world = a_world_of_several()
    replica = await _given(world)

    await replica.endings.end(DANA, "req-one")
    await replica.settle()

    assert (await replica.request()).state is RequestState.REVOKED
    assert world.assignments.all() == []


async def test_a_rotation_follows_for_each_secret_whose_policy_wants_it() -> None:
    replica = _RotatingReplica(World())
    targets = (
        a_target_alone(SECRET, rotate_after=True),
        a_target_alone(OTHER_SECRET),
        a_target_alone(THIRD, rotate_after=True),
    )

    change = await replica.access_moves.perform("revoke", a_revoking_request(targets=targets))

    assert change.head.state is RequestState.REVOKED
    assert replica.rotated == [("req-one", SECRET), ("req-one", THIRD)]


async def test_one_decision_is_announced_once_with_all_its_secrets() -> None:
    world = a_world_of_several()
    replica = await _given(world)

    await replica.pass_time(HOUR)

    assert world.message_sender.audited().count("granted") == 1
    assert world.message_sender.audited().count("revoked") == 1
    assert [str(one) for one in world.message_sender.sent_to(DANA.object_id)].count("granted") == 1


@pytest.mark.parametrize("fault", [FULL, DOWN], ids=["still full", "no answer"])
async def test_what_waited_for_room_is_not_half_granted_for_hours(fault: Fault) -> None:
    world = a_world_of_several()
    world.assignments.trouble = {("create", one): FULL for one in BOTH}
    replica = await _approved(world)
    await replica.pass_time(HOUR)

    world.assignments.trouble = {("create", ASSIGNMENT.id): fault}
    await replica.pass_time(2 * MINUTE)
    half = world.assignments.names()
    await replica.pass_time(GRANT_PATIENCE + 5 * MINUTE)

    assert half == [ALONE.id]
    assert world.assignments.names() == []
    assert (await replica.request()).state is RequestState.FAILED
