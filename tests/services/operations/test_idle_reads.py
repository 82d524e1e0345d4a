"""What an idle replica reads in all: its worker, its gauges and who probes it."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta

import pytest
from opentelemetry.metrics import NoOpMeter

from domain.drill.drills import WORKFLOW_ID
from services.operations.drill_age import DrillAge
from services.operations.health import Health
from services.operations.latest_look import LOOK_EVERY, LatestLook
from services.operations.measuring import Measuring
from services.operations.open_grants import COUNTED_EVERY, OpenGrants
from services.operations.seldom import Seldom
from services.policy_file.watch import LOOK_EVERY as FOLLOWED_EVERY
from tests.services.workflow.test_sharing import Cluster, fill
from tests.support.builders import HOUR, MINUTE, SECOND
from tests.support.processes import virtual_time
from tests.support.replica import Replica

MOST_READS_A_SECOND = 2.0

SCRAPED_EVERY = 15 * SECOND
"""As Prometheus usually does."""

PROBED_EVERY = MINUTE
"""As Azure's availability test does: every five minutes from five places (infra/)."""

_TIME = HOUR / 2


def _health(replica: Replica) -> Health:
    """Construct it as the program does, with its table alone to probe."""
    core, clock, meter = replica.core, replica.clock, NoOpMeter("tests")

    async def last_proof() -> datetime | None:
        await core.workflows.load(WORKFLOW_ID)
        return None

    return Health(
        {"tables": lambda: core.table.get("readyz", "readyz")},
        LatestLook(core.attention, clock, meter),
        clock,
        gauges=(
            Seldom(DrillAge(last_proof, clock, meter).measure, LOOK_EVERY, clock).measure,
            Seldom(OpenGrants(replica.leases, meter).measure, COUNTED_EVERY, clock).measure,
        ),
    )


async def _again(every: timedelta, do: Callable[[], Awaitable[object]]) -> None:
    while True:
        await do()
        await asyncio.sleep(every.total_seconds())


async def _follow_the_rules(replica: Replica) -> None:
    """Read what a replica with a policy file reads about it."""
    await replica.core.workflows.load("policy-file")


def _watched(replica: Replica) -> Coroutine[None, None, None]:
    """Run a replica that is measured, scraped and probed, and that has a policy file."""
    health = _health(replica)

    async def run() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(replica.worker.run())
            group.create_task(Measuring(health.measure).run())
            group.create_task(_again(SCRAPED_EVERY, health.measure))
            group.create_task(_again(PROBED_EVERY, health.faults))
            group.create_task(_again(FOLLOWED_EVERY, lambda: _follow_the_rules(replica)))

    return run()


@pytest.mark.parametrize("replicas", [1, 2])
def test_an_idle_replica_that_is_watched_reads_at_most_twice_a_second_whatever_is_open(
    replicas: int,
) -> None:
    async def main(count: int) -> float:
        cluster = Cluster()
        await fill(cluster.world, count)
        tables = [cluster.start(_watched).world.table for _ in range(replicas)]
        await asyncio.sleep(MINUTE.total_seconds())
        for table in tables:
            table.forget_counts()
        await asyncio.sleep(_TIME.total_seconds())
        reads = max(table.reads for table in tables) / _TIME.total_seconds()
        await cluster.kill()
        sys.stdout.write(f"\n| {replicas} | {count:,} | {reads:.2f} |")
        return reads

    few, many = map(virtual_time.run, (main(100), main(10_000)))

    assert few <= MOST_READS_A_SECOND
    assert many == pytest.approx(few, rel=0.01)
