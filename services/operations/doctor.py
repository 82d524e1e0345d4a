"""Whether everything is configured and permitted: many small checks, none in another's way."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from domain.diagnosis import Finding, broken
from services.faults import Fault
from services.operations.checks.check import Check

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=8)
"""How long a check may take: Teams waits for fifteen seconds, and all of them run at once."""


class Doctor:
    """Examines the deployment as it is configured now."""

    def __init__(self, checks: Callable[[], Iterable[Check]]) -> None:
        """Take what there is to look at; it is asked for at each examination."""
        self._checks = checks

    async def examine(self) -> list[Finding]:
        """Look at everything at once; what hangs or fails says so and stops nothing else."""
        return list(await asyncio.gather(*(_look(check) for check in self._checks())))


async def _look(check: Check) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            return await check.look()
    except TimeoutError:
        seen = f"no answer within {PATIENCE.total_seconds():.0f} seconds"
        return broken(check.subject, seen, check.remedy)
    except Fault as fault:
        return broken(check.subject, str(fault), check.remedy)
    except Exception as error:  # whatever it is, the examination goes on
        log.exception("%s could not be looked at", check.subject)
        return broken(check.subject, f"could not be looked at ({type(error).__name__})", _SEE_LOG)


_SEE_LOG = "The log has the cause."
