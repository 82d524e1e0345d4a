"""The table within a turn: requests end in time for its answer, and what isn't known is said."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import aiohttp
import pytest
from aiohttp import web
from azure.core.credentials import AzureNamedKeyCredential
from azure.data.tables.aio import TableClient

from services import answer_time
from services.answer_time import (
    answered_within,
    let_take_its_time,
    nobody_waiting,
    waiting_for,
)
from services.azure.calls.errors import translated
from services.azure.calls.limits import CallLimits
from services.azure.calls.transports import TableTransport
from services.azure.tables import AzureTable
from services.faults import Unavailable
from services.storage.table import Insert, Replace
from tests.support.clock import ManualClock

KEY = AzureNamedKeyCredential("demo", "a2V5")
LONGEST_SECONDS = 5.0
"""Much longer than a turn may take here, and much shorter than the time-out of the client."""

Request = Callable[[AzureTable], Awaitable[object]]

READS: dict[str, Request] = {
    "get": lambda table: table.get("p", "k"),
    "range": lambda table: table.range("p", "", "~"),
    "pages": lambda table: anext(table.pages("p", "", "~")),
}
CHANGES: dict[str, Request] = {
    "insert": lambda table: table.transact("p", [Insert("k", {})]),
    "replace": lambda table: table.transact("p", [Replace("k", {}, "etag")]),
    "transaction": lambda table: table.transact("p", [Insert("k", {}), Insert("l", {})]),
}


class Service:
    """A table service that gives these answers in turn, and none after the last one."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.asked = 0
        self.ends = asyncio.Event()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        await request.read()
        self.asked += 1
        if self.answers:
            return web.Response(status=self.answers.pop(0), headers={"ETag": "etag"})
        await self.ends.wait()
        return web.Response(status=503)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
async def table(service: Service) -> AsyncIterator[AzureTable]:
    runner = web.ServerRunner(web.Server(service.handle), shutdown_timeout=0)
    await runner.setup()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        await web.SockSite(runner, listening).start()
        port = listening.getsockname()[1]
        async with aiohttp.ClientSession() as session:
            client = TableClient(
                f"http://127.0.0.1:{port}/demo",
                "work",
                credential=KEY,
                transport=TableTransport(None, session=session, session_owner=False),
                retry_backoff_factor=0,
                retry_total=2,
            )
            yield AzureTable(client)
        service.ends.set()
        await runner.cleanup()


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the table less time than people have, after all else."""
    monkeypatch.setattr(answer_time, "RECORDING_SECONDS", 0.2)


async def fault_of(request: Awaitable[object]) -> Unavailable:
    with pytest.raises(Unavailable) as raised:
        async with asyncio.timeout(LONGEST_SECONDS):
            await request
    return raised.value


@pytest.mark.parametrize("request_", READS.values(), ids=READS)
async def test_a_read_that_hangs_ends_in_time_for_the_answer(
    table: AzureTable, request_: Request
) -> None:
    with answered_within(0.1):
        fault = await fault_of(request_(table))

    assert (fault.service, fault.outcome_unknown) == ("Table Storage", False)


@pytest.mark.parametrize("request_", CHANGES.values(), ids=CHANGES)
async def test_a_change_that_is_cut_short_may_be_carried_out(
    table: AzureTable, request_: Request
) -> None:
    with answered_within(0.1):
        fault = await fault_of(request_(table))

    assert (fault.service, fault.outcome_unknown) == ("Table Storage", True)


@pytest.mark.parametrize("request_", CHANGES.values(), ids=CHANGES)
async def test_nothing_is_sent_when_the_time_is_over(
    table: AzureTable, service: Service, request_: Request
) -> None:
    with answered_within(-1):
        fault = await fault_of(request_(table))

    assert (service.asked, fault.outcome_unknown) == (0, False)


async def test_the_table_may_take_longer_than_what_is_asked_before(
    table: AzureTable, service: Service
) -> None:
    service.answers = [204]
    with answered_within(0):
        await table.transact("p", [Insert("k", {})])

    assert service.asked == 1


@pytest.mark.parametrize("patience", [nobody_waiting, None], ids=["a move", "a long answer"])
async def test_what_nobody_waits_for_takes_its_time(
    table: AzureTable, service: Service, patience: Callable[[], object] | None
) -> None:
    service.answers = [204]
    with answered_within(-1):
        if patience is None:
            let_take_its_time()
            await table.transact("p", [Insert("k", {})])
        else:
            with nobody_waiting():
                await table.transact("p", [Insert("k", {})])

    assert service.asked == 1


@pytest.mark.parametrize("request_", CHANGES.values(), ids=CHANGES)
async def test_a_change_that_gets_no_proper_answer_may_be_carried_out(
    table: AzureTable, service: Service, request_: Request
) -> None:
    service.answers = [503, 503, 503]

    fault = await fault_of(request_(table))

    assert (fault.status, fault.outcome_unknown) == (503, True)


@pytest.mark.parametrize("request_", CHANGES.values(), ids=CHANGES)
async def test_a_change_whose_first_try_may_be_carried_out_is_not_taken_for_refused(
    table: AzureTable, service: Service, request_: Request
) -> None:
    service.answers = [503, 429, 429]

    fault = await fault_of(request_(table))

    assert (fault.status, fault.outcome_unknown) == (429, True)


async def test_a_change_that_is_only_throttled_is_not_carried_out(
    table: AzureTable, service: Service
) -> None:
    service.answers = [429, 429, 429]

    fault = await fault_of(CHANGES["replace"](table))

    assert not fault.outcome_unknown


async def test_a_service_that_was_not_asked_in_time_is_not_blamed(
    table: AzureTable,
) -> None:
    limits = CallLimits(ManualClock())
    with answered_within(0.1):
        await fault_of(READS["get"](table))
        with pytest.raises(Unavailable) as raised, translated("Microsoft Graph"):
            async with limits.call("graph.microsoft.com"):
                raise AssertionError("nothing may be sent")

    fault = raised.value
    assert fault.service == "Table Storage"
    assert "Microsoft Graph" in fault.cause


async def test_a_service_that_took_the_time_itself_is_named() -> None:
    limits = CallLimits(ManualClock())

    async def ask_twice() -> None:
        with translated("Microsoft Graph"):
            with suppress(TimeoutError):
                async with limits.call("graph.microsoft.com"):
                    await asyncio.Event().wait()
            async with limits.call("graph.microsoft.com"):
                raise AssertionError("nothing may be sent")

    with answered_within(0.1):
        with waiting_for("Table Storage"):
            await asyncio.sleep(0)
        fault = await fault_of(ask_twice())

    assert fault.service == "Microsoft Graph"
