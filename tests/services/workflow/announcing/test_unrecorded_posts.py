"""Messages that were posted while the table didn't take the record of it."""

from collections import Counter
from datetime import timedelta

import pytest

from domain.announcement import Announcement
from services.workflow.codec import Head
from services.workflow.messages import MessageRef
from tests.support.fake_message_sender import FakeMessageSender
from tests.support.replica import Replica, World
from tests.support.tables.silent_table import SilentTable


class SilencingSender(FakeMessageSender):
    """A Teams that takes a message at the moment at which the table falls silent."""

    def __init__(self, table: SilentTable, times: int) -> None:
        super().__init__()
        self._table = table
        self._times = times

    async def post(
        self, announcement: Announcement, head: Head, thread: MessageRef | None
    ) -> MessageRef:
        ref = await super().post(announcement, head, thread)
        self._table.times, self._times = self._times, 0
        return ref


@pytest.mark.parametrize("does", [True, False])
@pytest.mark.parametrize("times", [1, 2, 3, 5, 8])
async def test_what_was_posted_and_not_recorded_is_not_posted_again(
    times: int, *, does: bool
) -> None:
    table = SilentTable("~message-", does=does)
    world = World(table)
    world.message_sender = SilencingSender(table, times)
    replica = Replica(world)

    await replica.ask()
    await replica.pass_time(timedelta(minutes=2))

    assert table.times == 0
    assert Counter(world.message_sender.posted()).most_common(1)[0][1] == 1
    assert "audit-000001" in world.message_sender.posted()
