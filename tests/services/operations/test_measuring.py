"""What Azure Monitor is sent is measured although nobody asks."""

import asyncio

import pytest

from services.operations.latest_look import LOOK_EVERY
from services.operations.measuring import Measuring


async def test_the_gauges_are_measured_at_once_and_then_whenever_the_latest_look_is_old() -> None:
    done: list[str | float] = []

    async def measure() -> None:
        done.append("measured")

    async def sleep(seconds: float) -> None:
        done.append(seconds)
        if len(done) == 4:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Measuring(measure).run(sleep)

    seconds = LOOK_EVERY.total_seconds()
    assert done == ["measured", seconds, "measured", seconds]
