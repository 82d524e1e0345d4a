"""One sentence on a card."""

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.kit.notice import notice
from cards.kit.tone import Tone


@pytest.mark.parametrize("tone", Tone)
def test_a_sentence_is_drawn_in_its_tone(tone: Tone, card_snapshot: SnapshotAssertion) -> None:
    assert notice("There is no secret named **x** in kv-demo.", tone) == card_snapshot
