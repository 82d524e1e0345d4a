"""The operators' endpoints /healthz, /readyz and /metrics, and error numbers."""

import json
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sandbox.seed import OPERATOR
from tests.outside.scenarios import ASKED, correlation_id, granted, refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, REGISTRATION
from tests.support.latchkey import Latchkey
from tests.support.teams import a_message


async def reasons(latchkey: Latchkey) -> list[str]:
    """Return why the bot isn't ready; empty if it is."""
    status, body = await latchkey.get("/readyz")
    answer = json.loads(body)
    assert (status, answer["status"]) in {(200, "ready"), (503, "not ready")}
    found: list[str] = answer.get("reasons", [])
    return found


async def counted(latchkey: Latchkey) -> dict[str, float]:
    """Return how often each event was counted, without those that never were."""
    _, body = await latchkey.get("/metrics")
    return {
        sample.labels["event"]: sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
        if sample.name == "latchkey_events_total" and sample.value
    }


async def test_a_bot_that_reaches_everything_is_alive_and_ready(latchkey: Latchkey) -> None:
    assert await latchkey.get("/healthz") == (200, '{"status": "alive"}')
    assert await latchkey.get("/readyz") == (200, '{"status": "ready"}')


async def test_a_failing_key_vault_is_reported(latchkey: Latchkey) -> None:
    latchkey.sandbox.break_next(refusing("GET", "/secrets/"))

    assert await reasons(latchkey) == ["Key Vault: check failed (NotPermitted)"]


async def test_credentials_that_teams_does_not_accept_are_reported(latchkey: Latchkey) -> None:
    await latchkey.restart(MicrosoftAppPassword="an earlier one")

    assert await reasons(latchkey) == ["Teams credentials: check failed (TokenUnavailable)"]


async def test_a_missing_table_is_reported(latchkey: Latchkey) -> None:
    await latchkey.drop_table()

    assert (await reasons(latchkey))[0] == "tables: check failed (Rejected)"


async def test_all_failures_are_reported_and_the_process_stays_alive(
    latchkey: Latchkey,
) -> None:
    await latchkey.restart(MicrosoftAppPassword="an earlier one")
    latchkey.sandbox.break_next(refusing("GET", "/secrets/"))
    await latchkey.drop_table()

    assert [reason.partition(":")[0] for reason in await reasons(latchkey)] == [
        "tables",
        "Key Vault",
        "Teams credentials",
        "overdue work",
    ]
    assert await latchkey.get("/healthz") == (200, '{"status": "alive"}')


async def test_it_is_ready_again_once_everything_answers(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    latchkey.sandbox.break_next(refusing("GET", "/secrets/"))
    before = await reasons(latchkey)
    latchkey.sandbox.state.faults.clear()
    clock.advance(seconds=5)

    assert len(before) == 1
    assert await reasons(latchkey) == []


async def test_a_revocation_five_minutes_overdue_makes_it_not_ready_until_it_is_done(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    request_id = correlation_id(await granted(latchkey))
    latchkey.sandbox.break_next(refusing("DELETE", "roleAssignments"))
    clock.advance(hours=2)
    await latchkey.tick()
    late = await reasons(latchkey)
    clock.advance(minutes=5)
    await latchkey.tick()
    overdue = await reasons(latchkey)
    latchkey.sandbox.state.faults.clear()
    clock.advance(minutes=5)
    await latchkey.tick()

    assert late == []
    assert overdue == [f"overdue revocation: {request_id} is stuck"]
    assert await reasons(latchkey) == []


async def test_work_that_no_one_does_makes_it_not_ready(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    request_id = correlation_id(await granted(latchkey))
    clock.advance(hours=2, minutes=5)

    assert await reasons(latchkey) == [f"overdue: no replica has processed {request_id}"]


async def test_it_can_use_a_managed_identity_for_teams(latchkey: Latchkey) -> None:
    managed = replace(REGISTRATION, managed_identity=True)
    latchkey.sandbox.state.directory.service_principals[managed.id] = managed
    await latchkey.restart(MicrosoftAppType="UserAssignedMSI", MicrosoftAppPassword="")

    assert await reasons(latchkey) == []


async def test_it_can_sign_in_to_azure_with_its_own_secret(latchkey: Latchkey) -> None:
    operator = latchkey.sandbox.seed.service_principal(OPERATOR.id)
    await latchkey.restart(
        AZURE_TENANT_ID=latchkey.sandbox.seed.tenant_id,
        AZURE_CLIENT_ID=operator.client_id,
        AZURE_CLIENT_SECRET=operator.client_secret,
    )

    assert await reasons(latchkey) == []
    assert {
        request.principal for request in latchkey.sandbox.log if request.path.startswith("/secrets")
    } == {None, OPERATOR.id}


async def test_every_event_is_counted(latchkey: Latchkey, clock: ManualClock) -> None:
    await latchkey.say(DANA, "request secret payments-webhook-key")
    await granted(latchkey)
    clock.advance(hours=2)
    await latchkey.tick()
    await latchkey.say(DANA, ASKED)
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Deny")

    assert await counted(latchkey) == {
        "blocked": 1,
        "requested": 2,
        "approved": 1,
        "granted": 1,
        "ended": 1,
        "revoked": 1,
        "denied": 1,
    }


async def test_counters_start_at_zero_for_each_bot_in_the_process(
    latchkey: Latchkey,
) -> None:
    await granted(latchkey)
    await latchkey.restart()

    assert await counted(latchkey) == {}


async def test_an_internal_error_is_answered_with_a_reference_number(
    latchkey: Latchkey, caplog: pytest.LogCaptureFixture
) -> None:
    message = a_message("help", DANA)
    await latchkey.drop_table()
    await latchkey.deliver(message)

    [said] = latchkey.teams.posted_to(DANA)
    [logged] = [record for record in caplog.records if record.getMessage() == "turn failed"]
    assert "Something went wrong on my side." in said.text
    assert said.text.endswith(vars(logged)["correlation_id"])
