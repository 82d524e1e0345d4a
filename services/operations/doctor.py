"""Runs the checks of the deployment side by side; none can block another."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from domain.diagnosis import Finding, broken
from domain.phrases import phrase
from services.faults import Fault
from services.operations.checks.check import Check
from services.progress import ProgressCount

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=8)
"""How long a check may take. All run at once, and Teams waits for 15 seconds."""


class Doctor:
    """Checks the deployment as it is configured now."""

    def __init__(self, checks: Callable[[], Iterable[Check]]) -> None:
        """Take the factory of checks, which is called at each examination."""
        self._checks = checks

    async def examine(self, count: ProgressCount | None = None) -> list[Finding]:
        """Run all checks at once; one that hangs or fails becomes a finding and stops no other."""
        checks, count = list(self._checks()), count or ProgressCount()
        count.expect(len(checks))
        return list(await asyncio.gather(*(_look(check, count) for check in checks)))


async def _look(check: Check, count: ProgressCount) -> Finding:
    try:
        with count.part(check.subject):
            async with asyncio.timeout(PATIENCE.total_seconds()):
                return await check.look()
    except TimeoutError:
        seen = phrase("no answer within {count} seconds", count=round(PATIENCE.total_seconds()))
        return broken(check.subject, seen, check.remedy)
    except Fault as fault:
        return broken(check.subject, phrase("{fault}", fault=str(fault)), check.remedy)
    except Exception as error:  # the other checks go on
        log.exception("%s: check failed", check.subject)
        seen = phrase("check failed ({error})", error=type(error).__name__)
        return broken(check.subject, seen, _SEE_LOG)


_SEE_LOG = phrase("See the log for the cause.")
