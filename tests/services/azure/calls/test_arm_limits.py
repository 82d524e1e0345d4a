"""Resource Manager's limits: which requests count together, and which go first."""

import asyncio
from datetime import timedelta

import pytest

from domain.shared_rate import Rate
from services.azure.calls.arm_limits import ArmLimits
from services.faults import Unavailable
from services.limits.shared_limit import SharedLimit
from services.workflow.lanes import Lane, in_lane
from tests.support.processes import virtual_time
from tests.support.processes.virtual_time import LoopClock

ARM = "https://management.azure.com"
ONE = f"{ARM}/subscriptions/11111111-aaaa/resourceGroups/rg/providers/x"
OTHER = f"{ARM}/subscriptions/22222222-bbbb/resourceGroups/rg/providers/x"


def the_limits() -> tuple[ArmLimits, list[str]]:
    """Return limits of one replica without others, and the names of those that were made."""
    made: list[str] = []
    loop = asyncio.get_running_loop()

    def make(name: str, rate: Rate) -> SharedLimit:
        made.append(name)
        clock = LoopClock()
        return SharedLimit(name, rate, None, clock=clock, monotonic=loop.time, sleep=asyncio.sleep)

    return ArmLimits(f"{ARM}/", make), made


async def test_each_subscription_and_kind_of_request_counts_by_itself() -> None:
    limits, made = the_limits()

    for method in ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"):
        await limits.take(method, ONE)
    await limits.take("GET", OTHER)

    assert made == [
        "arm-reads-11111111-aaaa",
        "arm-writes-11111111-aaaa",
        "arm-deletes-11111111-aaaa",
        "arm-reads-22222222-bbbb",
    ]


@pytest.mark.parametrize(
    "url",
    [
        "https://demo.vault.azure.net/secrets/demo",
        "https://graph.microsoft.com/v1.0/users/x",
        f"{ARM}/tenants?api-version=2022-12-01",
    ],
)
async def test_other_requests_are_not_counted(url: str) -> None:
    limits, made = the_limits()

    limit = await limits.take("GET", url)

    assert (limit, made) == (None, [])


def test_reads_that_end_access_go_before_those_that_give_it() -> None:
    async def main() -> list[str]:
        limits, order = the_limits()[0], list[str]()
        for _ in range(250):
            await limits.take("GET", ONE)

        async def read(lane: Lane) -> None:
            with in_lane(lane):
                await limits.take("GET", ONE)
            order.append(lane.name)

        lanes = (Lane.GIVING, Lane.REST, Lane.GIVING, Lane.ENDING)
        await asyncio.gather(*(read(lane) for lane in lanes))
        return order

    assert virtual_time.run(main()) == ["ENDING", "REST", "GIVING", "GIVING"]


def test_what_would_wait_too_long_is_not_sent() -> None:
    async def main() -> Unavailable:
        limits, _ = the_limits()
        for _ in range(200):
            await limits.take("PUT", ONE)
        outcomes = await asyncio.gather(
            *(limits.take("PUT", ONE) for _ in range(60)), return_exceptions=True
        )
        refused = [one for one in outcomes if isinstance(one, Unavailable)]
        assert len(outcomes) - len(refused) in (50, 51)
        return refused[0]

    refused = virtual_time.run(main())

    assert (refused.outcome_unknown, refused.status) == (False, 429)
    assert refused.retry_after is not None
    assert refused.retry_after >= timedelta(seconds=15)
