"""Injected faults, as seen by the real clients."""

import asyncio
import re
import time
from datetime import timedelta

import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError
from azure.keyvault.secrets.aio import SecretClient

from sandbox.calls import Reply
from sandbox.faults import Action, FaultError, InjectedFault, When, fault_from_json
from sandbox.seed import DEMO_API_KEY, OPERATOR, VAULT
from tests.sandbox.conftest import Clients
from tests.support.sandbox import Sandbox

WRITES = re.compile("^/secrets/new-secret")


@pytest.fixture
async def vault(clients: Clients) -> SecretClient:
    client = await clients.secrets(OPERATOR.id)
    await client.get_secret(DEMO_API_KEY)  # so that the challenge is over
    return client


def versions(sandbox: Sandbox) -> int:
    secret = sandbox.state.vaults[VAULT].secret("new-secret")
    return len(secret.versions) if secret else 0


async def test_an_error_answer_before_the_effect_leaves_nothing_behind(
    sandbox: Sandbox, vault: SecretClient
) -> None:
    answer = Reply(429, {"error": {"code": "Throttled", "message": ""}}, {"Retry-After": "7"})
    sandbox.break_next(InjectedFault("PUT", WRITES, answer=answer))
    with pytest.raises(HttpResponseError) as refused:
        await vault.set_secret("new-secret", "one")

    assert refused.value.status_code == 429
    assert versions(sandbox) == 0


async def test_an_error_answer_after_the_effect_hides_it(
    sandbox: Sandbox, vault: SecretClient
) -> None:
    sandbox.break_next(InjectedFault("PUT", WRITES, when=When.AFTER, answer=Reply(500)))
    with pytest.raises(HttpResponseError) as refused:
        await vault.set_secret("new-secret", "one")

    assert refused.value.status_code == 500
    assert versions(sandbox) == 1


async def test_a_lost_answer_makes_clients_write_twice(
    sandbox: Sandbox, vault: SecretClient
) -> None:
    sandbox.break_next(InjectedFault("PUT", WRITES, Action.DROP, When.AFTER))
    await vault.set_secret("new-secret", "one")

    assert versions(sandbox) == 2


async def test_a_permanently_lost_connection_is_an_error(
    sandbox: Sandbox, vault: SecretClient
) -> None:
    sandbox.break_next(InjectedFault("PUT", WRITES, Action.DROP, times=9))
    with pytest.raises((ServiceRequestError, ServiceResponseError)):
        await vault.set_secret("new-secret", "one")

    assert versions(sandbox) == 0


async def test_a_request_hangs_until_the_faults_are_cleared(
    sandbox: Sandbox, vault: SecretClient
) -> None:
    sandbox.break_next(InjectedFault("PUT", WRITES, Action.HANG, When.AFTER))
    hanging = asyncio.ensure_future(vault.set_secret("new-secret", "one"))
    while versions(sandbox) == 0:
        await vault.get_secret(DEMO_API_KEY)
    was_done = hanging.done()
    sandbox.state.faults.clear()
    await hanging

    assert not was_done


async def test_an_impatient_client_gives_up_on_a_request_that_hangs(
    sandbox: Sandbox, vault: SecretClient
) -> None:
    sandbox.break_next(InjectedFault("PUT", WRITES, Action.HANG))
    with pytest.raises(ServiceResponseError):
        await vault.set_secret("new-secret", "one", read_timeout=0.05)

    assert versions(sandbox) == 0


async def test_a_slow_request_is_carried_out_and_answered_late(
    sandbox: Sandbox, vault: SecretClient
) -> None:
    sandbox.break_next(InjectedFault("PUT", WRITES, Action.SLOW, seconds=0.2))
    begun = time.monotonic()
    await vault.set_secret("new-secret", "one")

    assert time.monotonic() - begun >= 0.2
    assert versions(sandbox) == 1


async def test_a_fault_strikes_as_often_as_configured(
    sandbox: Sandbox, vault: SecretClient
) -> None:
    sandbox.break_next(InjectedFault("GET", re.compile(DEMO_API_KEY), times=2, skip=1))
    statuses = []
    for _ in range(5):
        try:
            await vault.get_secret(DEMO_API_KEY)
            statuses.append(200)
        except HttpResponseError as error:
            statuses.append(error.status_code or 0)

    assert statuses == [200, 503, 503, 200, 200]


async def test_a_fault_strikes_only_matching_requests(
    sandbox: Sandbox, vault: SecretClient
) -> None:
    sandbox.break_next(InjectedFault("PUT", WRITES))
    await vault.get_secret(DEMO_API_KEY)
    await vault.set_secret("another-secret", "one")

    assert len(sandbox.state.faults.pending) == 1


async def test_the_log_shows_the_fault_that_struck_a_request(
    sandbox: Sandbox, vault: SecretClient
) -> None:
    sandbox.state.log.clear()
    sandbox.break_next(InjectedFault("PUT", WRITES))
    sandbox.break_next(InjectedFault("PUT", WRITES, when=When.AFTER))
    for _ in range(2):
        with pytest.raises(HttpResponseError):
            await vault.set_secret("new-secret", "one")

    assert [
        (one.method, one.path, one.status, one.principal, one.fault) for one in sandbox.log
    ] == [
        ("PUT", "/secrets/new-secret", None, OPERATOR.id, "answer before"),
        ("PUT", "/secrets/new-secret", 200, OPERATOR.id, "answer after"),
    ]


async def test_faults_can_be_added_and_cleared_over_http(
    sandbox: Sandbox, vault: SecretClient
) -> None:
    address = f"{sandbox.base_url}/sandbox/faults"
    order = {
        "method": "put",
        "path": "/secrets/",
        "times": 99,
        "status": 403,
        "headers": {"X-Test": "1"},
        "body": {"error": {"code": "Forbidden", "message": "by order"}},
    }
    async with sandbox.session.post(address, json=order) as ordered:
        assert ordered.status == 201
    with pytest.raises(HttpResponseError, match="by order"):
        await vault.set_secret("new-secret", "one")
    async with sandbox.session.delete(address) as cleared:
        assert cleared.status == 204
    await vault.set_secret("new-secret", "one")

    assert versions(sandbox) == 1


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"path": "("},
        {"path": "/", "action": "explode"},
        {"path": "/", "when": "never"},
        {"path": "/", "times": "often"},
        {"path": "/", "colour": "red"},
    ],
)
def test_an_invalid_fault_is_refused(order: dict[str, str]) -> None:
    with pytest.raises(FaultError):
        fault_from_json(order)


async def test_latency_delays_every_answer_from_azure(
    sandbox: Sandbox, vault: SecretClient
) -> None:
    sandbox.state.knobs.latency_seconds = 0.05
    loop = asyncio.get_running_loop()
    started = loop.time()
    await vault.get_secret(DEMO_API_KEY)

    assert loop.time() - started >= 0.05


async def test_a_late_request_is_carried_out_after_its_fault(
    sandbox: Sandbox, vault: SecretClient
) -> None:
    late = InjectedFault("PUT", WRITES, when=When.LATE, seconds=20, answer=Reply(504, {}))
    sandbox.break_next(late)
    with pytest.raises(HttpResponseError):
        await vault.set_secret("new-secret", "one", retry_total=0)
    at_once = versions(sandbox)

    sandbox.state.faults.land(sandbox.clock() + timedelta(seconds=19))
    before = versions(sandbox)
    sandbox.state.faults.land(sandbox.clock() + timedelta(seconds=21))

    assert (at_once, before, versions(sandbox)) == (0, 0, 1)
