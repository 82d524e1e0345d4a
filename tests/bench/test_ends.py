"""The benchmarks of waiting measure what they claim to; how long it takes isn't tested here."""

import os
from datetime import timedelta

import pytest

from bench import ends
from bench.setup.modes import virtual
from sandbox.throttle import Throttle, ThrottleRate
from tests.support.processes import virtual_time

SECOND = timedelta(seconds=1)


async def _ended(throttle: Throttle) -> ends.Ended:
    async with ends.granted(virtual(), [SECOND, 2 * SECOND, 30 * SECOND], throttle) as made:
        return await ends.end_all(made)


def test_all_access_ends_on_time() -> None:
    ended = virtual_time.run(_ended(Throttle()))

    assert max(ended.lateness) < 1
    assert 29 <= ended.seconds < 30
    assert ended.refused == 0
    assert ended.calls >= 2 * len(ended.lateness)


def test_a_bot_in_this_process_leaves_the_environment_as_it_was() -> None:
    before = dict(os.environ)

    virtual_time.run(_ended(Throttle()))

    assert dict(os.environ) == before


def test_requests_that_wait_for_a_decision_are_there_and_delay_no_end() -> None:
    async def ended(pending: int) -> tuple[int, ends.Ended]:
        async with ends.granted(virtual(), [SECOND], Throttle(), pending=pending) as made:
            return made.rows, await ends.end_all(made)

    alone, _ = virtual_time.run(ended(0))
    together, found = virtual_time.run(ended(30))

    assert together >= alone + 30
    assert max(found.lateness) < 1


def test_the_throttle_is_felt_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    once_in_ten_seconds = {kind: ThrottleRate(1, 0.1) for kind in ("writes", "deletes")}
    monkeypatch.setattr(
        "sandbox.throttle.RATES", {"reads": ThrottleRate(250, 25), **once_in_ten_seconds}
    )

    ended = virtual_time.run(_ended(Throttle()))

    assert max(ended.lateness) > 5
    assert ended.refused > 0
