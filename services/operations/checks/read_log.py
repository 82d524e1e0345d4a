"""Check that the vaults' log can be asked, and that each vault writes into it."""

from collections.abc import Iterator
from datetime import timedelta

from domain.access.reads import LogSpan
from domain.diagnosis import Finding, doubtful, good
from domain.phrases import counted, phrase
from services.access.reads.read_log import ReadLog
from services.clock import Clock
from services.operations.checks.check import Check
from services.policies import Policies

_SINCE = timedelta(days=1)
"""Latchkey itself reads each vault's metadata: for every request, and for every `doctor`."""

_READS = phrase("Log of reads")
_LET_ASK = phrase(
    "Give the bot {role} on the workspace, and check {variable}.",
    role="Log Analytics Data Reader",
    variable="LOG_ANALYTICS_WORKSPACE_ID",
)
_SEND = phrase(
    "Add a diagnostic setting to the vault that sends {category} to this workspace. The first "
    "lines take up to 15 minutes.",
    category="AuditEvent",
)


def read_log_checks(policies: Policies, log: ReadLog, clock: Clock) -> Iterator[Check]:
    """Check the log of all vaults that something can be requested from."""

    async def look() -> Finding:
        vaults = {
            one.vault.resource_id.lower(): one.vault for one in (policies.defaults, *policies.all())
        }
        now = clock()
        heard = await log.heard(list(vaults), LogSpan(now - _SINCE, now))
        silent = [vault.name for key, vault in vaults.items() if key not in heard]
        if silent:
            seen = phrase(
                "the log has nothing of {vaults} from the last day", vaults=", ".join(silent)
            )
            return doubtful(_READS, seen, _SEND)
        age = now - max(heard.values())
        seen = counted(
            "every vault writes into it; the newest line is {count} minute old",
            "every vault writes into it; the newest line is {count} minutes old",
            round(age.total_seconds() / 60),
        )
        return good(_READS, seen)

    yield Check(_READS, look, _LET_ASK)
