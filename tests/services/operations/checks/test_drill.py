"""Checks of the canary and of the last drill."""

import pytest

from domain.diagnosis import CheckStatus
from domain.drill.drill import Drill
from services.operations.checks.drill import DrillChecks
from services.ports import AccountState, SecretState
from tests.cards.drill_scenarios import DRILLS
from tests.services.drill.test_drills import CANARY
from tests.services.operations.checks.fakes import FakeAccounts, InEnglish, look
from tests.support.azure_fakes import FakeSecrets
from tests.support.builders import VAULT, policies


async def _seen(
    subject: str,
    *,
    state: SecretState = SecretState.ENABLED,
    account: AccountState = AccountState.DISABLED,
    requestable: str = "demo-api-key",
    drill: str = "succeeded",
) -> InEnglish:
    secrets, accounts = FakeSecrets(), FakeAccounts()
    if state is not SecretState.UNKNOWN:
        secrets.put(VAULT, CANARY.secret, state)
    accounts.states[CANARY.principal_id] = account

    async def last() -> Drill | None:
        return DRILLS.get(drill)

    checks = DrillChecks(CANARY, secrets, accounts, last).checks(policies(requestable))
    return await look(checks, subject)


@pytest.mark.parametrize(
    ("state", "health", "seen"),
    [
        (SecretState.ENABLED, CheckStatus.GOOD, "canary exists"),
        (SecretState.DISABLED, CheckStatus.BROKEN, "canary is disabled"),
        (SecretState.UNKNOWN, CheckStatus.BROKEN, "canary isn't in kv-demo"),
    ],
)
async def test_the_secret_has_to_exist(state: SecretState, health: CheckStatus, seen: str) -> None:
    found = await _seen("Drill's secret", state=state)

    assert (found.health, found.seen) == (health, seen)


async def test_people_should_not_be_able_to_request_it() -> None:
    found = await _seen("Drill's secret", requestable=CANARY.secret)

    assert (found.health, found.seen) == (CheckStatus.DOUBTFUL, "people can request canary")


@pytest.mark.parametrize(
    ("account", "health"),
    [
        (AccountState.DISABLED, CheckStatus.GOOD),
        (AccountState.ENABLED, CheckStatus.DOUBTFUL),
        (AccountState.UNKNOWN, CheckStatus.BROKEN),
    ],
)
async def test_the_principal_has_to_be_a_user_who_cannot_sign_in(
    account: AccountState, health: CheckStatus
) -> None:
    assert (await _seen("Drill's principal", account=account)).health is health


@pytest.mark.parametrize(
    ("drill", "health", "seen"),
    [
        ("none", CheckStatus.DOUBTFUL, "there was none yet"),
        ("given", CheckStatus.GOOD, "drl-01jd7q3v9k is under way"),
        ("succeeded", CheckStatus.GOOD, "drl-01jd7q3v9k succeeded"),
        ("late", CheckStatus.BROKEN, "drl-01jd7q3v9k failed"),
    ],
)
async def test_the_last_drill_counts(drill: str, health: CheckStatus, seen: str) -> None:
    found = await _seen("Last drill", drill=drill)

    assert (found.health, found.seen) == (health, seen)
