"""A reason or a note that is too long is refused with the limit, and never cut."""

from collections.abc import Awaitable, Callable

import pytest

from domain.refusals.commands import ReasonTooLong
from domain.refusals.requests import MayNotAsk
from domain.typed import LONGEST_REASON
from tests.support.builders import ADA, BO, CY, DANA, HOUR, email_of, policies
from tests.support.refusing import refusing
from tests.support.replica import Replica, World, a_draft

Act = Callable[[Replica, str], Awaitable[object]]


async def _waiting() -> Replica:
    replica = Replica(World(rules=policies(approvers=(email_of(ADA), email_of(BO)))))
    await replica.ask()
    return replica


async def _wanting_more() -> Replica:
    replica = await _waiting()
    await replica.approve()
    await replica.settle()
    await replica.extensions.ask(DANA, "req-one", HOUR / 2, "wish")
    return replica


async def _unreviewed() -> Replica:
    replica = Replica(World(rules=policies(break_glass=(email_of(DANA),))))
    await replica.access.break_glass(DANA, a_draft(window=None), ())
    await replica.settle()
    return replica


ACTS: dict[str, tuple[Callable[[], Awaitable[Replica]], Act, str]] = {
    "approve": (_waiting, lambda one, said: one.access.approve(ADA, "req-one", note=said), "note"),
    "deny": (_waiting, lambda one, said: one.access.deny(ADA, "req-one", said), "reason"),
    "allow": (
        _wanting_more,
        lambda one, said: one.extensions.allow(ADA, "req-one", "wish", note=said),
        "note",
    ),
    "refuse": (
        _wanting_more,
        lambda one, said: one.extensions.refuse(ADA, "req-one", "wish", said),
        "note",
    ),
    "review": (_unreviewed, lambda one, said: one.reviews.review(ADA, "req-one", said), "note"),
}


@pytest.mark.parametrize("name", ACTS)
async def test_what_is_too_long_does_nothing_and_the_longest_is_kept_whole(name: str) -> None:
    begin, act, fact = ACTS[name]
    replica = await begin()
    events = await replica.event_kinds()
    longest = "x" * (LONGEST_REASON - 1) + "y"

    with refusing(ReasonTooLong, saying="has 501 characters; 500 is the most"):
        await act(replica, f"{longest}z")
    assert await replica.event_kinds() == events
    await act(replica, f"  {longest}\n")

    assert longest in [event.facts.get(fact) for event in await replica.events()]


async def test_a_reason_to_close_is_refused_before_anything_else_is_asked() -> None:
    replica = await _waiting()

    for close in (replica.overdue.find_closable, replica.overdue.close):
        with pytest.raises(ReasonTooLong):
            await close(CY, "req-one", "x" * (LONGEST_REASON + 1))


async def test_a_record_of_what_was_refused_shows_that_it_is_cut() -> None:
    replica = Replica(World(rules=policies(requesters=(email_of(BO),))))
    with pytest.raises(MayNotAsk):
        await replica.access.submit(DANA, a_draft(justification="x" * 2_000))

    justification = (await replica.request()).justification

    assert len(justification) == 1_000
    assert justification.endswith("x…")
