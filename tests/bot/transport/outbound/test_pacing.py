"""Teams' limits hold over every time window, whatever the order of messages."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.transport.outbound.connector_errors import ConnectorUnavailable
from bot.transport.outbound.pacing import PER_CONVERSATION, Pacing, Window
from tests.bot.edge import Clock, whole_limit

PAUSES = st.lists(st.sampled_from([0.0, 0.0, 0.01, 0.3, 1.0, 2.5]), min_size=1, max_size=150)


@given(PAUSES)
def test_no_window_exceeds_its_limit(pauses: list[float]) -> None:
    window, now, turns = Window(PER_CONVERSATION), 0.0, list[float]()
    for pause in pauses:
        now += pause
        turns.append(window.next_turn(now))
        window.take(turns[-1])

    assert sorted(turns) == turns
    for count, seconds in PER_CONVERSATION:
        spans = (later - first for first, later in zip(turns, turns[count:], strict=False))
        assert all(span >= seconds - 1e-9 for span in spans)


async def test_a_slot_more_than_five_seconds_away_is_not_waited_for(clock: Clock) -> None:
    pacing = Pacing(clock.seconds, clock.sleep, whole_limit(clock))
    for _ in range(60):
        await pacing.wait("chat")
    started = clock.seconds()

    with pytest.raises(ConnectorUnavailable) as raised:
        await pacing.wait("chat")

    assert clock.seconds() == started
    assert raised.value.retry_after == timedelta(seconds=30 - started)


async def test_an_hour_later_everything_is_forgotten(clock: Clock) -> None:
    pacing = Pacing(clock.seconds, clock.sleep, whole_limit(clock))
    for _ in range(60):
        await pacing.wait("chat")
    clock.slept.clear()

    clock.advance(hours=1)
    await pacing.wait("chat")

    assert clock.slept == []


async def test_other_conversations_do_not_wait(clock: Clock) -> None:
    pacing = Pacing(clock.seconds, clock.sleep, whole_limit(clock))
    for _ in range(7):
        await pacing.wait("chat")

    await pacing.wait("another chat")
    await pacing.wait(None)

    assert clock.slept == []
