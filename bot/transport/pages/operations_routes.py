"""Serve the operators' endpoints: ``/healthz``, ``/readyz``, ``/metrics``."""

from aiohttp import web
from aiohttp.hdrs import ACCEPT, AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder

from bot.transport.pages.operator_token import OperatorToken
from services.operations.health import Health

_ASK = {WWW_AUTHENTICATE: "Bearer"}
_OPEN_METRICS = "application/openmetrics-text"


class OperationsRoutes:
    """Serve liveness, readiness and metrics; the reasons and the metrics need the token, if any."""

    def __init__(self, health: Health, token: OperatorToken | None = None) -> None:
        self._health = health
        self._token = token

    def register(self, app: web.Application) -> None:
        app.router.add_get("/healthz", self._live)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._metrics)

    async def _live(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _ready(self, request: web.Request) -> web.Response:
        """Say why it isn't ready, to whoever may know; probes, which send no token, see whether."""
        is_asked_by_anyone = self._token is not None and AUTHORIZATION not in request.headers
        if not is_asked_by_anyone:
            self._check_token(request)
        faults = await self._health.faults()
        status, word = (503, "not ready") if faults else (200, "ready")
        if is_asked_by_anyone:
            return web.json_response({"status": word}, status=status, headers=_ASK)
        reasons = {"reasons": faults} if faults else {}
        notes = {"notes": list(self._health.notes())} if self._health.notes() else {}
        return web.json_response({"status": word, **reasons, **notes}, status=status)

    async def _metrics(self, request: web.Request) -> web.Response:
        """Write OpenMetrics for who accepts it, as Prometheus does, and Prometheus's text else."""
        self._check_token(request)
        await self._health.measure()
        is_accepted = _OPEN_METRICS in request.headers.get(ACCEPT, "").lower()
        # Not the header itself: a version that isn't one would raise.
        encode, kind = choose_encoder(_OPEN_METRICS if is_accepted else "")
        return web.Response(body=encode(REGISTRY), headers={CONTENT_TYPE: kind})

    def _check_token(self, request: web.Request) -> None:
        """Raise HTTPUnauthorized without the token that is asked for."""
        if self._token and not self._token.is_in(request.headers.get(AUTHORIZATION, "")):
            raise web.HTTPUnauthorized(headers=_ASK)
