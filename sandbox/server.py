"""The sandbox on the network: HTTPS for Azure, plain HTTP for the identity endpoint."""

import asyncio
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from email.utils import format_datetime
from pathlib import Path

from aiohttp import web

from sandbox import control
from sandbox.app_service import connection_strings, settings
from sandbox.calls import Call, Clock, Reply, Route
from sandbox.entra import authority, authorize, identity
from sandbox.errors import ApiError
from sandbox.faults import Action, InjectedFault, When
from sandbox.graph import app_passwords, groups, people
from sandbox.key_vault import data_plane, deleted_secrets
from sandbox.logs import log_analytics, vault_log
from sandbox.planting import plant
from sandbox.resource_manager import (
    management_locks,
    permissions,
    role_assignments,
    role_definitions,
    storage_accounts,
    vault_resources,
)
from sandbox.state import LoggedRequest, State
from sandbox.tls import prepare_tls

HOST = "127.0.0.1"
"""Loopback only: the control API has no authentication."""

_AZURE = (
    *data_plane.ROUTES,
    *deleted_secrets.ROUTES,
    *role_assignments.ROUTES,
    *role_definitions.ROUTES,
    *permissions.ROUTES,
    *management_locks.ROUTES,
    *vault_resources.ROUTES,
    *settings.ROUTES,
    *connection_strings.ROUTES,
    *storage_accounts.ROUTES,
    *log_analytics.ROUTES,
    *people.ROUTES,
    *groups.ROUTES,
    *app_passwords.ROUTES,
    *authority.ROUTES,
    *authorize.ROUTES,
)
_IDENTITY = (*identity.ROUTES, *authorize.ROUTES)
_SHUTDOWN_SECONDS = 1
_NOT_FOUND = Reply(404, {"error": {"code": "NotFound", "message": "No such resource."}})


class PortTakenError(OSError):
    """Raised when another program listens on the port."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} is taken by another program")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Hold a running sandbox's addresses, without trailing slashes."""

    base_url: str
    """ARM, Graph, the Entra authority, the control API and the first vault."""
    identity_url: str
    """The value of IDENTITY_ENDPOINT."""
    page_url: str
    """The page for people, over plain HTTP: browsers don't trust our certificate authority."""
    ca_file: Path
    """The value for SSL_CERT_FILE, which must be set before aiohttp is imported."""
    vault_urls: Mapping[str, str]


@asynccontextmanager
async def running(
    state: State,
    *,
    clock: Clock,
    tls_dir: Path,
    port: int = 0,
    identity_port: int = 0,
    vault_ports: Mapping[str, int] | None = None,
) -> AsyncIterator[Endpoints]:
    """Create the sandbox's contents and serve them until the block ends; port 0 is any free port.

    The seed's first vault is served on `port`, each other one on its port in `vault_ports`.
    Raises PortTakenError if a port isn't free.
    """
    wanted = {vault.name: (vault_ports or {}).get(vault.name, 0) for vault in state.seed.vaults}
    main_vault = state.seed.vaults[0].name
    wanted[main_vault] = port
    tls = prepare_tls(tls_dir, state.tokens.clock())
    async with AsyncExitStack() as stack:
        sockets = {name: _listen(stack, number) for name, number in wanted.items()}
        identity_socket = _listen(stack, identity_port)
        vault_urls = {name: f"https://localhost:{_port(one)}" for name, one in sockets.items()}
        plant(state, vault_urls, clock())
        context = tls.server_context()
        for name, listening in sockets.items():
            service = _Service(state, clock, name, vault_urls[name], _AZURE)
            await stack.enter_async_context(_serving(service, listening, context))
        identity_url = f"http://{HOST}:{_port(identity_socket)}"
        state.authority_url = vault_urls[main_vault]
        state.sign_in_url = f"http://localhost:{_port(identity_socket)}"
        service = _Service(state, clock, main_vault, identity_url, _IDENTITY)
        await stack.enter_async_context(_serving(service, identity_socket, None))
        # Runs first on exit, as the servers wait for the requests that hang.
        stack.callback(state.faults.clear)
        yield Endpoints(
            vault_urls[main_vault],
            f"{identity_url}/msi/token",
            f"{identity_url}/",
            tls.ca,
            vault_urls,
        )


@dataclass(frozen=True, slots=True)
class _Service:
    """Answer the requests on one port."""

    state: State
    clock: Clock
    vault: str
    origin: str
    routes: tuple[Route, ...]

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        call = await self._read(request)
        response = await self._respond(request, call)
        # Azure's clock is in every answer.
        response.headers.setdefault("Date", format_datetime(call.now.astimezone(UTC), usegmt=True))
        return response

    async def _respond(self, request: web.BaseRequest, call: Call) -> web.StreamResponse:
        self.state.faults.land(call.now)
        own = _answer(self.state, call, control.ROUTES)
        if own is not None:
            return _response(own)
        await asyncio.sleep(_latency(self.state, call))
        target = f"{call.path}?{request.query_string}" if request.query_string else call.path
        fault = self.state.faults.take(call, target)
        if fault is not None and fault.action is Action.SLOW:
            await asyncio.sleep(fault.seconds)
            call, fault = replace(call, now=self.clock()), None
        reply: Reply | None = None
        if fault is None or fault.when is When.AFTER:
            reply = _answer(self.state, call, self.routes) or _NOT_FOUND
        if fault is not None and fault.when is When.LATE:
            self.state.faults.carry_out_later(
                call.now + timedelta(seconds=fault.seconds),
                lambda at: _answer(self.state, replace(call, now=at), self.routes),
            )
        self._log(call, request.query_string, reply, fault)
        if fault is not None:
            return await _inject(fault, self.state, request)
        return _response(reply or _NOT_FOUND)

    async def _read(self, request: web.BaseRequest) -> Call:
        return Call(
            request.method,
            request.path,
            request.query,
            request.headers,
            await request.read(),
            self.vault,
            self.origin,
            self.clock(),
        )

    def _log(
        self, call: Call, query: str, reply: Reply | None, fault: InjectedFault | None
    ) -> None:
        self.state.log.append(
            LoggedRequest(
                call.now,
                call.method,
                call.path,
                query,
                reply.status if reply else None,
                self.state.tokens.principal_of(call.bearer()),
                f"{fault.action} {fault.when}" if fault else None,
            )
        )


def _latency(state: State, call: Call) -> float:
    about_groups = groups.is_about_groups(call.path)
    return state.knobs.latency_seconds + about_groups * state.knobs.groups_latency_seconds


def _answer(state: State, call: Call, routes: tuple[Route, ...]) -> Reply | None:
    for candidate in routes:
        match = candidate.path.fullmatch(call.path)
        if match is None or candidate.method != call.method:
            continue
        named = {name: text for name, text in match.groupdict().items() if text is not None}
        try:
            reply = candidate.handler(state, call, **named)
        except ApiError as refused:
            reply = refused.reply
        vault_log.note(state, call, reply)
        return reply
    return None


async def _inject(
    fault: InjectedFault, state: State, request: web.BaseRequest
) -> web.StreamResponse:
    if fault.action is Action.ANSWER:
        return _response(fault.answer)
    if fault.action is Action.HANG:
        await state.faults.released.wait()
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _response(reply: Reply) -> web.Response:
    if reply.body is None:
        return web.Response(status=reply.status, headers=reply.headers)
    if isinstance(reply.body, str):
        return web.Response(
            text=reply.body,
            status=reply.status,
            headers=reply.headers,
            content_type=reply.content_type,
        )
    return web.json_response(reply.body, status=reply.status, headers=reply.headers)


def _listen(stack: AsyncExitStack, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    stack.callback(listening.close)
    if sys.platform != "win32":  # there it would let two programs share a port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen()
    except OSError as error:
        raise PortTakenError(port) from error
    return listening


def _port(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


@asynccontextmanager
async def _serving(
    service: _Service, listening: socket.socket, context: ssl.SSLContext | None
) -> AsyncIterator[None]:
    server = web.Server(service.handle, access_log=None)
    runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    site = web.SockSite(runner, listening, ssl_context=context)
    await site.start()
    try:
        yield
    finally:
        await runner.cleanup()
