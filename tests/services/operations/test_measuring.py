"""What Azure Monitor is sent is measured although nobody asks."""

import asyncio

import pytest

from services.operations.measuring import Measuring


async def test_the_gauges_are_measured_at_once_and_then_every_minute() -> None:
    done: list[str | float] = []

    async def measure() -> None:
        done.append("measured")

    async def sleep(seconds: float) -> None:
        done.append(seconds)
        if len(done) == 4:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Measuring(measure).run(sleep)

    assert done == ["measured", 60.0, "measured", 60.0]
