"""Serve the operators' endpoints: ``/healthz``, ``/readyz``, ``/metrics``."""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from services.operations.health import Health


class OperationsRoutes:
    """Serve liveness, readiness and metrics."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def register(self, app: web.Application) -> None:
        app.router.add_get("/healthz", self._live)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._metrics)

    async def _live(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _ready(self, _: web.Request) -> web.Response:
        faults = await self._health.faults()
        notes = {"notes": list(self._health.notes())} if self._health.notes() else {}
        if faults:
            body = {"status": "not ready", "reasons": faults, **notes}
            return web.json_response(body, status=503)
        return web.json_response({"status": "ready", **notes})

    async def _metrics(self, _: web.Request) -> web.Response:
        await self._health.measure()
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
