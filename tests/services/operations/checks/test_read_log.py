"""Whether the vaults' log can be asked, and each vault writes into it."""

from domain.diagnosis import CheckStatus
from services.faults import NotPermitted
from services.operations.checks.read_log import read_log_checks
from services.operations.doctor import Doctor
from tests.services.operations.checks.fakes import look
from tests.support.builders import HOUR, MINUTE, VAULT, policies
from tests.support.clock import NINE, ManualClock
from tests.support.fake_read_log import FakeReadLog


async def test_a_log_with_lines_of_the_vault_is_good() -> None:
    log = FakeReadLog(clock := ManualClock())
    log.hear(VAULT.resource_id, NINE - 7 * MINUTE)

    found = await look(read_log_checks(policies(), log, clock), "Log of reads")

    seen = "every vault writes into it; the newest line is 7 minutes old"
    assert (found.health, found.seen) == (CheckStatus.GOOD, seen)


async def test_a_vault_without_a_line_for_a_day_is_doubtful() -> None:
    log = FakeReadLog(clock := ManualClock())
    log.hear(VAULT.resource_id, NINE - 25 * HOUR)

    found = await look(read_log_checks(policies(), log, clock), "Log of reads")

    assert found.health is CheckStatus.DOUBTFUL
    assert found.seen == f"the log has nothing of {VAULT.name} from the last day"
    assert "AuditEvent" in found.remedy


async def test_a_log_that_refuses_the_bot_is_broken() -> None:
    log = FakeReadLog(clock := ManualClock())
    log.faults.order("heard", NotPermitted("Log Analytics", "403 InsufficientAccessError"))

    [found] = await Doctor(lambda: read_log_checks(policies(), log, clock)).examine()

    assert found.health is CheckStatus.BROKEN
    assert "Log Analytics Data Reader" in str(found.remedy)
