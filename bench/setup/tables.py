"""A table service that costs what Azure's does: ``python -m bench.setup.tables PORT``.

Azurite looks at every row of a table to answer a query, so with the rows of 10,000 requests it
would be all that is measured. This one has the rows in order, like Azure Table Storage, and as much
of its protocol as `services/azure/tables.py` uses; it passes the same contract
(`tests/services/storage/test_table_contract.py`). It checks no signatures. ``$fill`` isn't Azure's:
it adds many rows at once.
"""

import asyncio
import json
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import unquote, urlsplit

from aiohttp import web

from bench.setup.ordered_rows import ANY, Change, Json, OrderedRows, Refused
from scripts import paths
from scripts.local import azurite
from scripts.local.ports import free_ports, is_taken
from tests.support.processes.process import END_SECONDS, START_SECONDS, until

_PAGE = 1_000
_ENTITY = re.compile(
    r"/(?P<table>\w+)\(PartitionKey='(?P<partition>.*)',RowKey='(?P<key>.*)'\)", re.DOTALL
)
_RANGE = re.compile(
    r"PartitionKey eq '(?P<partition>.*)' and RowKey ge '(?P<start>.*)'"
    r" and RowKey lt '(?P<stop>.*)'",
    re.DOTALL,
)
_ETAG = re.compile(rb"\r\nIf-Match: ([^\r]+)\r\n", re.IGNORECASE)


class Tables:
    """The tables of one account."""

    def __init__(self) -> None:
        self._tables: dict[str, OrderedRows] = {}

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        try:
            return self._answer(request, await request.read())
        except Refused as refused:
            return web.json_response(_error(refused), status=refused.status)

    def _answer(self, request: web.BaseRequest, body: bytes) -> web.Response:
        path = unquote(request.path.partition("/devstoreaccount1")[2])
        if path == "/$batch":
            return self._batch(body)
        if path.startswith("/$fill/"):
            self._tables.setdefault(path.rpartition("/")[2], OrderedRows()).fill(json.loads(body))
            return web.Response(status=204)
        if path == "/Tables":
            return self._create(json.loads(body)["TableName"])
        if request.method == "GET" and path.endswith("()"):
            return self._query(path[1:-2], request)
        if request.method == "GET":
            table, partition, key = _named(path)
            return web.json_response(self._rows(table).get(partition, key))
        etag = request.headers.get("If-Match", ANY)
        table, change = _change(request.method, path, body, etag)
        [etag] = self._rows(table).apply([change])
        return web.Response(status=204, headers={"ETag": etag})

    def _create(self, name: str) -> web.Response:
        if name in self._tables:
            raise Refused(409, "TableAlreadyExists")
        self._tables[name] = OrderedRows()
        return web.json_response({"TableName": name}, status=201)

    def _query(self, table: str, request: web.BaseRequest) -> web.Response:
        asked = _RANGE.fullmatch(request.query["$filter"])
        assert asked, request.query["$filter"]
        partition, start, stop = (_plain(asked[name]) for name in ("partition", "start", "stop"))
        most = min(int(request.query.get("$top", _PAGE)), _PAGE)
        start = request.query.get("NextRowKey", start)
        rows, following = self._rows(table).range(partition, start, stop, most)
        answer = web.json_response({"value": rows})
        if following:
            answer.headers["x-ms-continuation-NextPartitionKey"] = partition
            answer.headers["x-ms-continuation-NextRowKey"] = following
        return answer

    def _batch(self, body: bytes) -> web.Response:
        parts = [part for part in body.split(b"Content-Type: application/http\r\n")[1:] if part]
        try:
            tables, changes = zip(*map(_part, parts), strict=True)
            etags = self._rows(tables[0]).apply(changes)
        except Refused as refused:
            return _multipart([_http(refused.status, json.dumps(_error(refused)))])
        return _multipart([_http(204, "", etag) for etag in etags])

    def _rows(self, table: str) -> OrderedRows:
        if table not in self._tables:
            raise Refused(404, "TableNotFound")
        return self._tables[table]


def _part(part: bytes) -> tuple[str, Change]:
    """Read one operation of a transaction."""
    _, _, request = part.partition(b"\r\n\r\n")
    head, _, body = request.partition(b"\r\n\r\n")
    verb, url, _ = head.partition(b"\r\n")[0].decode().split(" ", 2)
    etag = _ETAG.search(head + b"\r\n")
    path = unquote(urlsplit(url).path).partition("/devstoreaccount1")[2]
    return _change(verb, path, body.partition(b"\r\n--")[0], etag[1].decode() if etag else ANY)


def _change(verb: str, path: str, body: bytes, etag: str) -> tuple[str, Change]:
    given: Json = json.loads(body) if body.strip() else {}
    row = {name: value for name, value in given.items() if name not in _KEY_TYPES}
    if verb == "POST":
        return path[1:], Change(verb, row["PartitionKey"], row["RowKey"], row)
    table, partition, key = _named(path)
    return table, Change(verb, partition, key, row, etag)


_KEY_TYPES = frozenset({"PartitionKey@odata.type", "RowKey@odata.type"})


def _named(path: str) -> tuple[str, str, str]:
    """Return the table, the partition and the key in a path."""
    named = _ENTITY.fullmatch(path)
    assert named, path
    return named["table"], _plain(named["partition"]), _plain(named["key"])


def _plain(quoted: str) -> str:
    return quoted.replace("''", "'")


def _error(refused: Refused) -> Json:
    return {"odata.error": {"code": refused.code, "message": {"value": refused.code}}}


def _http(status: int, body: str, etag: str = "") -> str:
    headers = f"ETag: {etag}\r\n" if etag else ""
    kind = "Content-Type: application/json\r\n" if body else ""
    return f"HTTP/1.1 {status} X\r\n{headers}{kind}\r\n{body}\r\n"


def _multipart(parts: list[str]) -> web.Response:
    head = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    inner = "".join(f"--inner\r\n{head}{part}" for part in parts)
    outer = "--outer\r\nContent-Type: multipart/mixed; boundary=inner\r\n\r\n"
    return web.Response(
        status=202,
        body=f"{outer}{inner}--inner--\r\n--outer--\r\n".encode(),
        headers={"Content-Type": "multipart/mixed; boundary=outer"},
    )


@asynccontextmanager
async def running_tables() -> AsyncIterator[str]:
    """Run the service in its own process; yields its connection string."""
    [port] = free_ports(1)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.setup.tables", str(port)), cwd=paths.ROOT
    )
    try:
        await until(lambda: is_taken(port), START_SECONDS)
        yield azurite.connection_string(port)
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), END_SECONDS)


@asynccontextmanager
async def serving(port: int) -> AsyncIterator[str]:
    """Serve in this process; yields the connection string."""
    runner = web.ServerRunner(web.Server(Tables().answer, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield azurite.connection_string(port)
    finally:
        await runner.cleanup()


async def _serve(port: int) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with serving(port):
        await ended.wait()


def main() -> None:
    """Serve until told to stop."""
    asyncio.run(_serve(int(sys.argv[1])))


if __name__ == "__main__":
    main()
