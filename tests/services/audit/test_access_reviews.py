"""Reading an access review: all of its period, however much that is, and its file."""

import csv
import io
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

import pytest

from domain.audit.access_review import AccessReview
from domain.audit.unused import PolicyRight
from domain.people import Actor, Group
from domain.policies.rule import Rule
from services.access.who_decides.open_requests import OpenRequests
from services.audit.access_reviews import AccessReviews
from services.audit.files.review_file import review_file
from services.audit.history import History
from services.audit.named_people import NamedGroups, NamedPeople
from services.faults import Unavailable
from services.policies import Policies
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    EVE,
    HOUR,
    OTHER_SECRET,
    SECRET,
    a_policy,
    email_of,
)
from tests.support.replica import Replica, World

DAYS_90 = timedelta(days=90)


class Groups:
    """A directory with one group, Payments: Eve is in it."""

    def __init__(self) -> None:
        self.is_down = False

    async def resolve(self, groups: Sequence[str]) -> tuple[Group, ...]:
        if self.is_down:
            raise Unavailable("Microsoft Graph", "503")
        return tuple(Group("id-payments", one) for one in groups if one == "Payments")

    async def memberships(self, person_id: str, groups: Collection[Group]) -> frozenset[str]:
        return frozenset(one.object_id for one in groups if person_id == EVE.object_id)


async def review_of(
    world: World, last: timedelta = DAYS_90, groups: NamedGroups | None = None
) -> AccessReview:
    core = Replica(world).core
    reviews = AccessReviews(
        History(world.table, core.workflows),
        core.workflows,
        OpenRequests(world.table),
        world.policies,
        NamedPeople(core.directory, groups),
        world.clock,
    )
    return await reviews.build(world.clock() - last)


def rows(review: AccessReview) -> list[dict[str, str]]:
    body = review_file(review).body.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(body, newline="")))


def rules_with(**changes: Any) -> Policies:
    one, other = a_policy(**changes), a_policy(secret=OTHER_SECRET, **changes)
    return Policies(one, (Rule(SECRET, one), Rule(OTHER_SECRET, other)))


async def test_it_counts_what_is_over_and_what_is_held_now() -> None:
    world = World()
    replica = Replica(world)
    await replica.give(DANA, "req-one")
    await replica.pass_time(2 * HOUR)
    await replica.give(DANA, "req-two", window=2 * HOUR)
    await replica.pass_time(HOUR)

    review = await review_of(world)

    [holding] = review.holdings
    assert (holding.granted, holding.is_held_now) == (2, True)
    assert holding.held == 2 * HOUR
    assert (holding.approver, holding.approved) == (ADA.as_person(), 2)
    assert (review.requests, review.unreadable) == (2, 0)


async def test_everything_in_the_period_is_read_however_much() -> None:
    world = World()
    replica = Replica(world)
    for number in range(130):
        await replica.ask(DANA, f"req-{number}")
        world.clock.advance(minutes=1)
    await replica.give(EVE, "req-last")

    review = await review_of(world)

    assert review.requests == 131
    assert [one.person.name for one in review.holdings] == ["Eve Engineer"]


async def test_access_that_was_asked_for_before_the_period_and_lasted_into_it_counts() -> None:
    world = World()
    replica = Replica(world)
    await replica.give(window=4 * HOUR)
    await replica.pass_time(5 * HOUR)

    review = await review_of(world, timedelta(hours=2))

    [holding] = review.holdings
    assert (holding.granted, holding.held) == (0, HOUR)


async def test_access_that_could_not_be_revoked_for_months_is_held_now() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    world.assignments.faults.order("delete", Unavailable("Azure", "503"), times=1_000_000)
    world.clock.advance(days=200)
    await replica.tick()

    [holding] = (await review_of(world)).holdings

    assert (holding.granted, holding.is_held_now, holding.held) == (0, True, DAYS_90)


async def test_what_a_newer_version_wrote_is_not_counted_and_said() -> None:
    world = World()
    replica = Replica(world)
    await replica.give(DANA, "req-one")
    await replica.give(EVE, "req-two")
    await replica.pass_time(2 * HOUR)
    await world.garble("req-one")

    review = await review_of(world)

    assert [one.person.name for one in review.holdings] == ["Eve Engineer"]
    assert (review.requests, review.unreadable) == (1, 1)
    assert "1 couldn't be read" in rows(review)[-1]["note"]


async def test_an_open_request_of_a_newer_version_does_not_prevent_the_review() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask(DANA, "req-one")
    await replica.settle()
    world.clock.advance(days=200)
    await world.garble("req-one")

    review = await review_of(world)

    assert (review.requests, review.unreadable) == (0, 1)


async def test_what_cannot_be_read_is_counted_once() -> None:
    world = World()
    await Replica(world).give()
    await world.garble("req-one")

    assert (await review_of(world)).unreadable == 1


async def test_unused_rules_and_rights_are_found() -> None:
    world = World(
        rules=rules_with(
            requesters=(email_of(DANA), email_of(EVE)),
            approvers=(email_of(ADA), email_of(BO)),
            break_glass=(email_of(DANA), "gone@contoso.example"),
        )
    )
    await Replica(world).give()

    review = await review_of(world)

    assert [rule.name for rule in review.unused_rules] == [OTHER_SECRET]
    assert {
        (one.name, one.right, one.rules, one.is_known)
        for one in review.unused_rights
        if one.is_never_used
    } == {
        ("Eve Engineer", PolicyRight.REQUEST, (SECRET, OTHER_SECRET), True),
        ("Bo Backup", PolicyRight.APPROVE, (SECRET, OTHER_SECRET), True),
        ("Dana Developer", PolicyRight.BREAK_GLASS, (SECRET, OTHER_SECRET), True),
        ("gone@contoso.example", PolicyRight.BREAK_GLASS, (SECRET, OTHER_SECRET), False),
    }


async def test_nothing_is_said_about_people_while_the_directory_is_down() -> None:
    world = World(rules=rules_with(approvers=(email_of(ADA), CY.object_id)))
    world.people.faults.order("find", Unavailable("Graph", "503"), times=1_000)

    review = await review_of(world)

    assert review.unknown == (email_of(ADA),)
    assert {one.who for one in review.unused_rights} == {CY.object_id}
    assert [row["note"] for row in rows(review) if row["about"] == "not checked"] == [
        "couldn't be looked up"
    ]


@pytest.mark.parametrize("asker", [EVE, DANA])
async def test_a_group_uses_a_right_by_any_of_its_members(asker: Actor) -> None:
    world = World()
    world.policies.adopt(rules_with(requesters=(email_of(DANA), email_of(EVE))))
    await Replica(world).give(asker)
    world.policies.adopt(rules_with(requesters=("group:Payments", "group:Gone", email_of(DANA))))

    review = await review_of(world, groups=Groups())

    unused = {one.name: one for one in review.unused_rights if one.right is PolicyRight.REQUEST}
    assert unused["Payments"].is_never_used == (asker is DANA)
    assert not unused["group:Gone"].is_known
    assert review.unknown == ()


@pytest.mark.parametrize("is_composed", [True, False])
async def test_nothing_is_said_about_groups_that_cannot_be_looked_up(is_composed: bool) -> None:
    world = World(rules=rules_with(requesters=("group:Payments", email_of(DANA))))
    groups = Groups()
    groups.is_down = True

    review = await review_of(world, groups=groups if is_composed else None)

    assert review.unknown == ("group:Payments",)
    assert "group:payments" not in {one.who for one in review.unused_rights}


async def test_the_file_has_every_row() -> None:
    world = World(rules=rules_with(requesters=(email_of(DANA), email_of(EVE))))
    await Replica(world).give()

    review = await review_of(world)

    made = review_file(review)
    [access] = [row for row in rows(review) if row["about"] == "access"]
    told = [(row["about"], row["person"], row["rule"], row["right"]) for row in rows(review)]
    assert made.name.startswith("latchkey-access-review-2026")
    assert access["person"] == "Dana Developer"
    assert access["person_id"] == DANA.object_id
    assert (access["secret"], access["rule"]) == (SECRET, SECRET)
    assert (access["times_granted"], access["held_now"]) == ("1", "yes")
    assert access["approved_most_by"] == "Ada Approver"
    assert told == [
        ("access", "Dana Developer", SECRET, ""),
        ("unused rule", "", OTHER_SECRET, ""),
        ("unused right", "Dana Developer", OTHER_SECRET, "requesters"),
        ("unused right", "Eve Engineer", SECRET, "requesters"),
        ("unused right", "Eve Engineer", OTHER_SECRET, "requesters"),
        ("unused right", "Ada Approver", OTHER_SECRET, "approvers"),
        ("unused right", "Bo Backup", SECRET, "approvers"),
        ("unused right", "Bo Backup", OTHER_SECRET, "approvers"),
        ("coverage", "", "", ""),
    ]


@pytest.mark.parametrize("name", ["=cmd|'/c calc'!A0", "+1", "-1", "@SUM(A1)", "\uff1d1"])
async def test_no_name_is_a_formula_in_the_file(name: str) -> None:
    world = World()
    replica = Replica(world)
    await replica.ask(type(DANA)(DANA.tenant_id, DANA.object_id, name))
    await replica.approve()
    await replica.settle()

    [access] = [row for row in rows(await review_of(world)) if row["about"] == "access"]

    assert access["person"] == f"'{name}"
