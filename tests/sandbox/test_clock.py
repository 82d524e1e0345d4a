"""Azure's clock, as shown in every answer."""

from email.utils import parsedate_to_datetime

from tests.sandbox.conftest import MovableClock
from tests.support.sandbox import Sandbox


async def test_every_answer_has_the_time_in_azure(sandbox: Sandbox, clock: MovableClock) -> None:
    clock.advance(hours=3)
    async with sandbox.session.get(f"{sandbox.base_url}/subscriptions") as answer:
        told = parsedate_to_datetime(answer.headers["Date"])

    assert told == clock.now.replace(microsecond=0)
