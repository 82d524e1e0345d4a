"""Reminders that the requester asks for: who can, how often, and what a repeated click does."""

import asyncio

import pytest

from domain.access.request import Request
from domain.people import Actor
from domain.refusals.decisions import NoLongerPending, RemindedAlready
from domain.refusals.records import NothingToSee
from services.access.reminders import last_reminder
from tests.support.builders import ADA, BO, DANA, EVE, HOUR, MINUTE, policies
from tests.support.clock import NINE
from tests.support.refusing import refusing
from tests.support.replica import Replica, World


async def asked(remind_after: float | None = None) -> Replica:
    after = remind_after * MINUTE if remind_after else None
    replica = Replica(World(rules=policies(remind_after=after)))
    await replica.ask()
    await replica.settle()
    return replica


async def reminded(replica: Replica, seen: str | None = None) -> Request:
    """Click on a card that shows the last reminder, or ``seen``."""
    shown = last_reminder(await replica.request()) if seen is None else seen
    return await replica.reminders.remind(DANA, "req-one", shown)


async def reminders_of(replica: Replica) -> int:
    return (await replica.event_kinds()).count("reminded")


async def test_it_sends_the_approvers_the_timed_reminder_now() -> None:
    replica = await asked()

    await reminded(replica)
    await replica.settle()

    sent = replica.world.message_sender
    assert sent.sent_to(ADA.object_id) == ["reminded"]
    assert sent.sent_to(BO.object_id) == ["reminded"]
    assert (await replica.events())[-1].actor == DANA


async def test_a_repeated_click_reminds_no_one_again() -> None:
    replica = await asked()

    await reminded(replica, "")
    again = await reminded(replica, "")
    at_once = await asyncio.gather(*(reminded(Replica(replica.world), "") for _ in range(3)))

    assert await reminders_of(replica) == 1
    assert {one.reminded_at for one in (again, *at_once)} == {NINE}


async def test_two_clicks_at_once_remind_once() -> None:
    replica = await asked()

    await asyncio.gather(*(reminded(Replica(replica.world), "") for _ in range(3)))

    assert await reminders_of(replica) == 1


async def test_too_soon_after_a_reminder_it_says_when_it_can_be_repeated() -> None:
    replica = await asked()
    await reminded(replica)
    replica.clock.advance(minutes=29)

    with refusing(
        RemindedAlready,
        saying="reminded at 09:00 UTC. You can remind them again after 09:30 UTC",
    ):
        await reminded(replica)


async def test_after_half_an_hour_they_can_be_reminded_again() -> None:
    replica = await asked()
    await reminded(replica)
    replica.clock.advance(minutes=30)

    await reminded(replica)

    assert await reminders_of(replica) == 2


async def test_the_timed_reminder_counts_too() -> None:
    replica = await asked(remind_after=60)
    await replica.pass_time(61 * MINUTE)

    with refusing(RemindedAlready, saying="again after 10:30 UTC"):
        await reminded(replica)


async def test_the_timed_reminder_still_comes_but_not_within_half_an_hour() -> None:
    replica = await asked(remind_after=60)
    replica.clock.advance(minutes=45)

    await reminded(replica)
    at = (await replica.request()).remind_at
    await replica.pass_time(HOUR)

    assert at == NINE + 75 * MINUTE
    assert await reminders_of(replica) == 2


@pytest.mark.parametrize("who", [ADA, EVE])
@pytest.mark.parametrize("seen", ["", "2026-01-01T00:00:00+00:00", "x"])
async def test_others_can_remind_no_one_and_learn_nothing(who: Actor, seen: str) -> None:
    replica = await asked()

    with refusing(NothingToSee, saying="can't find"):
        await replica.reminders.remind(who, "req-one", seen)
    with refusing(NothingToSee, saying="can't find"):
        await replica.reminders.remind(who, "req-unknown", seen)


async def test_a_forged_reminder_on_the_card_changes_nothing() -> None:
    replica = await asked()

    await reminded(replica, "2999-01-01T00:00:00+00:00")

    assert await reminders_of(replica) == 0


async def test_a_decided_request_has_no_one_to_remind() -> None:
    replica = await asked()
    await replica.deny()

    with refusing(NoLongerPending, saying="it is denied"):
        await reminded(replica)


async def test_a_request_whose_time_is_up_has_no_one_to_remind() -> None:
    replica = await asked()
    replica.clock.advance(hours=9)

    with refusing(NoLongerPending, saying="it is"):
        await reminded(replica)
