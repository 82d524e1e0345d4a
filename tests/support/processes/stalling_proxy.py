"""A way to a server on which everything can come to a halt, as if the server hung."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_AT_ONCE = 65_536


class StallingProxy:
    """Passes bytes on in both directions until it stalls; connections stay open."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._goes_on = asyncio.Event()
        self._goes_on.set()
        self.port = 0

    def stall(self) -> None:
        """Pass nothing on from now on."""
        self._goes_on.clear()

    def go_on(self) -> None:
        """Pass on what has come meanwhile, and everything after it."""
        self._goes_on.set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen on a free port of this machine."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            self.go_on()
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind_reader, behind_writer = await asyncio.open_connection(*self._server)
        await asyncio.gather(
            self._pass_on(reader, behind_writer),
            self._pass_on(behind_reader, writer),
            return_exceptions=True,
        )

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while read := await reader.read(_AT_ONCE):
                await self._goes_on.wait()
                writer.write(read)
                await writer.drain()
        finally:
            writer.close()
