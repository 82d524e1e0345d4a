"""How long the table may take to note where a card is."""

import pytest

from bot.delivery.card_tracker import CardTracker
from bot.turn import TurnKind
from cards.kit.notice import notice
from cards.kit.tone import Tone
from services.answer_time import answered_within, seconds_left_to_record
from services.workflow.messages import MessageRef, Messages
from tests.support.clock import ManualClock
from tests.support.fake_turn import FakeTurn
from tests.support.tables.memory_table import MemoryTable


class SeenMessages(Messages):
    """Notes whether anybody waits while the location of a message is stored."""

    def __init__(self) -> None:
        super().__init__(MemoryTable())
        self.is_limited: list[bool] = []

    async def adopt(self, workflow_id: str, key: str, ref: MessageRef, revision: int) -> None:
        self.is_limited.append(seconds_left_to_record() is not None)
        await super().adopt(workflow_id, key, ref, revision)

    async def move(self, workflow_id: str, key: str, ref: MessageRef) -> None:
        self.is_limited.append(seconds_left_to_record() is not None)
        await super().move(workflow_id, key, ref)


@pytest.mark.parametrize(
    ("kind", "is_limited"), [(TurnKind.MESSAGE, False), (TurnKind.CLICK, True)]
)
async def test_it_takes_its_time_unless_a_click_still_waits_for_its_answer(
    kind: TurnKind, is_limited: bool, clock: ManualClock
) -> None:
    messages = SeenMessages()
    tracker, turn = CardTracker(messages, clock), FakeTurn(kind=kind)
    with answered_within(60):
        await tracker.reply(turn, "req-one", notice("Requested.", Tone.GOOD), 1)
        await tracker.remember_copy(turn, "req-one", "reply-2", decides=False)

    assert messages.is_limited == [is_limited, is_limited]
