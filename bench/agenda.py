"""The cost of finding due rows depends on how many are due, not on how many are open.

Measured on the benchmarks' table service, since Azurite looks at every row for every query.
"""

import asyncio
import statistics
import time
from datetime import UTC, datetime, timedelta

from azure.data.tables.aio import TableServiceClient

from bench.goals import Goal, at_most, show
from bench.setup.tables import running_tables
from services.azure.tables import AzureTable
from services.storage import keys
from services.storage.table import Insert
from services.workflow.due.agenda import Agenda

DUE = 32
FEW, MANY = 100, 10_000
ROUNDS = 15
SAME = 1.1
"""What counts as the same cost: it is measured with noise."""
NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def main() -> list[Goal]:
    """Compare finding the same number of due rows among few and among many open ones."""
    async with (
        running_tables() as connection_string,
        TableServiceClient.from_connection_string(connection_string) as service,
    ):
        few = await _filled(service, "few", FEW)
        many = await _filled(service, "many", MANY)
        times: dict[str, list[float]] = {"few": [], "many": []}
        for _ in range(ROUNDS):  # interleaved, since the machine's speed drifts
            times["few"].append(await _time(few))
            times["many"].append(await _time(many))
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    return show(
        f"a poll that finds {DUE} due rows, median of {ROUNDS} interleaved rounds",
        Goal(f"{FEW:,} open", "", f"{medians['few'] * 1000:.1f} ms", held=True),
        Goal(f"{MANY:,} open", "", f"{medians['many'] * 1000:.1f} ms", held=True),
        at_most("times as long", medians["many"] / medians["few"], SAME),
    )


async def _time(agenda: Agenda) -> float:
    started = time.perf_counter()
    rows = await agenda.due(NOW)
    taken = time.perf_counter() - started
    assert len(rows) == DUE
    return taken


async def _filled(service: TableServiceClient, name: str, count: int) -> Agenda:
    table = AzureTable(service.get_table_client(name))
    await table.ensure_exists()
    by_shard: dict[str, list[Insert]] = {shard: [] for shard in keys.SHARDS}
    for number in range(count):
        due = NOW - timedelta(minutes=1) if number < DUE else NOW + timedelta(hours=1 + number)
        workflow_id = f"req-{number:010d}"
        row = Insert(keys.due_key(keys.AGENDA, due, workflow_id), {"workflow": workflow_id})
        by_shard[keys.shard_of(workflow_id)].append(row)
    await asyncio.gather(*(_insert(table, shard, rows) for shard, rows in by_shard.items()))
    return Agenda(table, keys.AGENDA)


async def _insert(table: AzureTable, shard: str, rows: list[Insert]) -> None:
    for start in range(0, len(rows), 100):
        await table.transact(shard, rows[start : start + 100])
