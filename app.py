"""Starts and stops the bot: `python app.py`."""

import asyncio
import gc
import logging
import os
import random
import secrets
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from uuid import uuid4

from aiohttp import web

from composition.kinds import KINDS
from composition.root import Composition, compose
from composition.runtime import Runtime
from config import ConfigurationError, Settings, misspelt_variables, read_configuration
from services.faults import Fault

log = logging.getLogger("latchkey")

BETWEEN_TRIES_SECONDS = 2
RUNTIME = Runtime(
    clock=lambda: datetime.now(UTC),
    monotonic=time.monotonic,
    sleep=asyncio.sleep,
    wait_to_update=asyncio.sleep,
    random=random.random,
    new_correlation_id=lambda: uuid4().hex[:12],
    new_offer_id=lambda: secrets.token_urlsafe(32),
)


async def make_app(settings: Settings) -> web.Application:
    """Make the application; the worker starts and stops with it."""
    composition = await compose(settings, RUNTIME)
    app = web.Application()
    composition.messages.register(app)
    composition.operations.register(app)
    if composition.sign_ins:
        composition.sign_ins.register(app)

    async def background(_: web.Application) -> AsyncIterator[None]:
        preparing = asyncio.create_task(_until_it_works(composition.prepare), name="table")
        working = asyncio.create_task(_after(preparing, composition.worker.run), name="worker")
        working.add_done_callback(_log_end)
        others = [asyncio.create_task(_start(preparing, composition), name="start")]
        if composition.watch:
            watching = _after(preparing, composition.watch.run)
            others.append(asyncio.create_task(watching, name="policy file"))
        yield
        for task in (preparing, *others):
            task.cancel()
        await composition.worker.stop()
        await asyncio.gather(working, *others, return_exceptions=True)
        await composition.resources.aclose()

    app.cleanup_ctx.append(background)
    return app


async def _until_it_works(start: Callable[[], Awaitable[None]]) -> None:
    """Try until Azure answers, however long it takes; a bug is logged and not tried again."""
    while True:
        try:
            await start()
        except Fault as fault:
            log.warning("could not start yet: %s", fault)
            await asyncio.sleep(BETWEEN_TRIES_SECONDS)
            continue
        except Exception:
            log.exception("could not start")
        return


async def _after(preparing: asyncio.Task[None], run: Callable[[], Awaitable[None]]) -> None:
    await preparing
    await run()


async def _start(preparing: asyncio.Task[None], composition: Composition) -> None:
    """Start what isn't the worker's: none of it may keep access from being revoked."""
    await preparing
    await _until_it_works(composition.schedules.sync)
    await _until_it_works(composition.reconcile.begin)
    await _until_it_works(composition.approvers.follow)
    await _until_it_works(composition.checkpoints.begin)
    await composition.schedules.run()


def _log_end(task: asyncio.Task[None]) -> None:
    if task.cancelled():
        log.warning("the worker was cancelled")
    elif error := task.exception():
        log.critical("the worker crashed", exc_info=error)
    else:
        log.info("the worker stopped")


def main() -> None:
    """Serve until told to stop."""
    _disable_core_dumps()
    _set_up_logging()
    for sentence in misspelt_variables(os.environ):
        log.warning("%s", sentence)
    try:
        serve(read_configuration(os.environ, KINDS))
    except ConfigurationError as error:
        sys.exit(str(error))


def serve(settings: Settings) -> None:
    """Serve with these settings; raises ConfigurationError if the policy file has errors."""
    if settings.app_id is None:
        log.warning("LOCAL MODE: no authentication; listening on %s only", settings.listen_on)
    # Modules stay loaded: garbage collection of them would pause every turn for 0.1 s.
    gc.collect()
    gc.freeze()
    web.run_app(
        make_app(settings),
        host=settings.listen_on,
        port=settings.port,
        access_log=None,
        print=log.info,
        lingering_time=1,  # how long to read on from a refused upload
        shutdown_timeout=10,
    )


def _disable_core_dumps() -> None:
    """Keep this process's memory out of files: it holds secret values."""
    if sys.platform != "win32":  # which writes none by default
        import resource

        # One byte, not zero: with zero Linux still pipes the dump to a program.
        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        size = 0 if most == 0 else 1
        resource.setrlimit(resource.RLIMIT_CORE, (size, size))


def _set_up_logging() -> None:
    handler = logging.StreamHandler()
    form = "%(asctime)s %(levelname)s %(name)s [%(correlation_id)s] %(message)s"
    handler.setFormatter(logging.Formatter(form, defaults={"correlation_id": "-"}))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # At INFO the SDKs log every request, with its headers.
    logging.getLogger("azure").setLevel(logging.WARNING)


if __name__ == "__main__":
    main()
