"""What people are told when the table doesn't say whether their request was stored."""

from typing import Any

import pytest

from bot.delivery.card_tracker import CardTracker
from bot.handlers.access.break_glass import BreakGlassHandlers
from bot.handlers.access.requests import AccessHandlers
from bot.handlers.lines.request_commands import BreakGlass, RequestSecret
from bot.ids import request_id_of
from cards.access.unknown_request_card import not_known_if_requested
from domain.announcement import REQUESTER_CARD
from domain.people import Person
from tests.support.builders import DANA, SECRET, email_of, policies
from tests.support.fake_turn import FakeTurn
from tests.support.processes import virtual_time
from tests.support.replica import Replica, World
from tests.support.tables.silent_table import SilentTable

UNUSED: Any = None
REQUEST = RequestSecret((SECRET,), "1h", "smoke test")
BREAK_GLASS = BreakGlass((SECRET,), "30m", "a fire")


class NoAdmins:
    """Admins of whom none gets a message."""

    async def to_notify(self) -> tuple[Person, ...]:
        return ()


async def type_it(replica: Replica, turn: FakeTurn, command: RequestSecret | BreakGlass) -> None:
    access, tracker = replica.access, CardTracker(replica.messages, replica.clock)
    admins: Any = NoAdmins()
    if isinstance(command, RequestSecret):
        handlers = AccessHandlers(
            access,
            tracker,
            UNUSED,
            replica.clock,
            UNUSED,
            UNUSED,
            admins,
            UNUSED,
        )
        await handlers.request(turn, command)
        return
    emergency = BreakGlassHandlers(
        access,
        UNUSED,
        admins,
        tracker,
        UNUSED,
        UNUSED,
        replica.clock,
    )
    await emergency.take(turn, command)


@pytest.mark.parametrize("command", [REQUEST, BREAK_GLASS])
def test_the_card_of_a_request_that_comes_late_takes_the_place_of_the_answer(
    command: RequestSecret | BreakGlass,
) -> None:
    table, turn = SilentTable("~head", times=4), FakeTurn(actor=DANA)
    world = World(table, policies(break_glass=(email_of(DANA),)))
    replica = Replica(world)

    async def live() -> None:
        await type_it(replica, turn, command)
        await table.do_late()
        await replica.settle()

    virtual_time.run(live())

    assert turn.replies == [not_known_if_requested()]
    updates = [each for each in world.message_sender.updates if each.key == REQUESTER_CARD]
    assert {each.ref.activity_id for each in updates} == {"reply-1"}
    assert updates[0].head.id == request_id_of(turn)


@pytest.mark.parametrize("command", [REQUEST, BREAK_GLASS])
def test_an_answer_that_cannot_be_tracked_is_an_answer_all_the_same(
    command: RequestSecret | BreakGlass,
) -> None:
    turn = FakeTurn(actor=DANA)
    table = SilentTable(REQUESTER_CARD, times=100)
    replica = Replica(World(table, policies(break_glass=(email_of(DANA),))))

    virtual_time.run(type_it(replica, turn, command))

    assert len(turn.replies) == 1
    assert turn.replies != [not_known_if_requested()]
