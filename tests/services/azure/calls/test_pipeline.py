"""The pipeline of all clients: one pool, a private certificate authority, short timeouts."""

import ssl
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from azure.data.tables.aio import TableServiceClient

from domain.access.assignment import Assignment
from domain.secrets import Vault
from sandbox.roles import KEY_VAULT_SECRETS_USER
from sandbox.seed import BOT, DANA, DEMO_API_KEY
from services.azure.authorization.assignments import ArmAssignments
from services.azure.calls.pipeline import Pipeline, open_pipeline
from services.azure.entra.graph import GraphPeople
from services.azure.key_vault.secrets import KeyVaultSecrets
from services.clock import AgreedClock
from services.faults import Unavailable
from services.ports import SecretState
from tests.services.azure.conftest import a_login_page, answering, hanging
from tests.support.sandbox import Sandbox


def _secrets(sandbox: Sandbox, pipeline: Pipeline) -> KeyVaultSecrets:
    return KeyVaultSecrets(sandbox.credential(BOT.id), pipeline)


def _people(sandbox: Sandbox, pipeline: Pipeline) -> GraphPeople:
    return GraphPeople(
        sandbox.credential(BOT.id),
        pipeline,
        endpoint=sandbox.base_url,
        token_scope=f"{sandbox.base_url}/.default",
    )


async def test_an_authority_named_by_ssl_cert_file_is_trusted(
    sandbox: Sandbox, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(sandbox.endpoints.ca_file))

    async with open_pipeline() as pipeline:
        state = await _secrets(sandbox, pipeline).state(vault, DEMO_API_KEY)

    assert state is SecretState.ENABLED


async def test_an_unconfigured_authority_is_not_trusted(
    sandbox: Sandbox, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)

    async with open_pipeline() as pipeline:
        monkeypatch.setattr(pipeline.transport, "sleep", _at_once)
        with pytest.raises(Unavailable, match="certificate verify failed"):
            await _secrets(sandbox, pipeline).state(vault, DEMO_API_KEY)

    assert sandbox.log == []


async def test_closing_a_client_keeps_the_pool_open_for_the_others(
    sandbox: Sandbox, pipeline: Pipeline, vault: Vault
) -> None:
    first, second = _secrets(sandbox, pipeline), _secrets(sandbox, pipeline)
    await first.names(vault)

    await first.close()

    assert await second.names(vault)


async def test_clients_share_connections(sandbox: Sandbox, vault: Vault) -> None:
    opened = 0

    async def count(*_: object) -> None:
        nonlocal opened
        opened += 1

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(count)
    trust = ssl.create_default_context(cafile=str(sandbox.endpoints.ca_file))
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=trust), trace_configs=[trace], auto_decompress=False
    ) as session:
        pipeline = Pipeline(session)
        await _secrets(sandbox, pipeline).state(vault, DEMO_API_KEY)
        await _people(sandbox, pipeline).find(DANA.id)

    assert opened == 1


async def test_the_tables_answers_correct_the_clock(azurite: str) -> None:
    behind = timedelta(minutes=2)
    clock = AgreedClock(lambda: datetime.now(UTC) - behind)

    async with (
        open_pipeline(clock=clock) as pipeline,
        TableServiceClient.from_connection_string(azurite, **pipeline.table_options()) as tables,
    ):
        await tables.create_table_if_not_exists("clock")

    assert abs(clock() - datetime.now(UTC)) < timedelta(seconds=2)


async def test_each_client_has_its_own_retry_policy(pipeline: Pipeline) -> None:
    one, another = pipeline.client_options(), pipeline.client_options()

    assert one["retry_policy"] is not another["retry_policy"]


async def test_a_service_that_does_not_answer_is_unavailable(
    sandbox: Sandbox, pipeline: Pipeline, vault: Vault
) -> None:
    pipeline.transport.connection_config.read_timeout = 0.05
    sandbox.break_next(hanging())

    with pytest.raises(Unavailable, match="ServiceResponseTimeoutError"):
        await _secrets(sandbox, pipeline).names(vault)

    assert len(sandbox.log) == 2


@pytest.mark.parametrize("header", ["soon", "-1", "1e9"])
async def test_a_meaningless_retry_after_is_not_waited_for(
    sandbox: Sandbox, pipeline: Pipeline, waits: list[float], header: str
) -> None:
    fault = answering(429, "TooManyRequests", headers={"Retry-After": header}, times=1)
    sandbox.break_next(fault)

    found = await _people(sandbox, pipeline).find(DANA.id)

    assert found is not None
    assert waits == []


async def test_a_retry_after_date_is_read_by_the_services_clock(
    sandbox: Sandbox, pipeline: Pipeline, waits: list[float]
) -> None:
    dates = {
        "Date": "Sun, 01 Mar 2026 12:00:00 GMT",
        "Retry-After": "Sun, 01 Mar 2026 12:01:30 GMT",
    }
    sandbox.break_next(answering(503, "ServiceUnavailable", headers=dates))

    with pytest.raises(Unavailable) as caught:
        await _people(sandbox, pipeline).find(DANA.id)

    assert caught.value.retry_after == timedelta(seconds=90)
    assert waits == []


async def test_a_proxys_page_does_not_count_as_the_services_answer(
    sandbox: Sandbox, pipeline: Pipeline, vault: Vault
) -> None:
    secrets, people = _secrets(sandbox, pipeline), _people(sandbox, pipeline)
    assignments = ArmAssignments(
        sandbox.credential(BOT.id),
        pipeline,
        endpoint=sandbox.base_url,
        token_scope=f"{sandbox.base_url}/.default",
    )
    wanted = Assignment(vault.resource_id, DANA.id, KEY_VAULT_SECRETS_USER.guid)
    sandbox.break_next(a_login_page())

    for ask in (
        lambda: secrets.state(vault, DEMO_API_KEY),
        lambda: people.find(DANA.id),
        lambda: assignments.create(wanted, "Latchkey AR-1"),
        lambda: assignments.read(wanted),
        lambda: assignments.delete(wanted),
    ):
        with pytest.raises(Unavailable, match="unreadable response"):
            await ask()


async def _at_once(seconds: float) -> None:
    """Stand in for sleep."""
