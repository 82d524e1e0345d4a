"""The limits that Teams and Azure count over all replicas."""

from collections.abc import Callable
from contextlib import AsyncExitStack

from composition.runtime import Runtime
from domain.shared_rate import Rate
from services.limits.pools import Pools
from services.limits.shared_limit import SharedLimit
from services.storage.table import Table

MakeLimit = Callable[[str, Rate], SharedLimit]


def compose_limits(table: Table, runtime: Runtime, resources: AsyncExitStack) -> MakeLimit:
    """Return what makes limits that this replica shares with all others through the table."""
    pools = Pools(table, runtime.new_correlation_id())

    def make(name: str, rate: Rate) -> SharedLimit:
        limit = SharedLimit(
            name,
            rate,
            pools,
            clock=runtime.clock,
            monotonic=runtime.monotonic,
            sleep=runtime.sleep,
        )
        resources.push_async_callback(limit.close)
        return limit

    return make
