"""Starts and stops the bot: `python app.py`."""

import gc
import os
import signal

if __name__ == "__main__":
    # Until `serve` handles it, nothing has begun. A container's first process would miss the signal
    # without a handler, and be killed ten seconds later. Some imports swallow SystemExit.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    # The imports make 270,000 objects, of which next to none become garbage. Looking for it among
    # them again and again would take a fifth of the start. `serve` turns it on.
    gc.disable()

import asyncio
import logging
import random
import secrets
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

from aiohttp import web

from composition.background import TURNS_SECONDS, BackgroundWork
from composition.event_loop import new_event_loop
from composition.kinds import KINDS
from composition.listening import bound
from composition.logs import JSON, set_up_logging
from composition.root import compose
from composition.runtime import Runtime
from config import (
    ConfigurationError,
    Settings,
    log_format_of,
    misspelt_variables,
    read_configuration,
)
from services.clock import AgreedClock

log = logging.getLogger("latchkey")

RUNTIME = Runtime(
    clock=AgreedClock(lambda: datetime.now(UTC)),
    monotonic=time.monotonic,
    sleep=asyncio.sleep,
    wait_to_update=asyncio.sleep,
    random=random.random,
    new_correlation_id=lambda: uuid4().hex[:12],
    new_offer_id=lambda: secrets.token_urlsafe(32),
    new_salt=lambda: secrets.token_bytes(16),
)


async def make_app(settings: Settings) -> web.Application:
    """Make the application; the worker starts and stops with it."""
    composition = await compose(settings, RUNTIME)
    app = web.Application()
    composition.messages.register(app)
    composition.operations.register(app)
    if composition.sign_ins:
        composition.sign_ins.register(app)

    background = BackgroundWork(composition)

    async def running(_: web.Application) -> AsyncIterator[None]:
        background.start()
        yield
        await background.stop()

    async def begin_to_stop(_: web.Application) -> None:
        background.begin_to_stop()

    app.cleanup_ctx.append(running)
    # Called at the signal; aiohttp then waits for the turns under way, and then for the above.
    app.on_shutdown.append(begin_to_stop)
    return app


def main() -> None:
    """Serve until told to stop."""
    _disable_core_dumps()
    form = log_format_of(os.environ)
    set_up_logging(form)
    for sentence in misspelt_variables(os.environ):
        log.warning("%s", sentence)
    try:
        serve(read_configuration(os.environ, KINDS))
    except ConfigurationError as error:
        if form != JSON:
            sys.exit(str(error))
        log.critical("%s", error)
        sys.exit(1)


def serve(settings: Settings) -> None:
    """Serve with these settings.

    Raises ConfigurationError if the policy file has errors, or if it can't listen.
    """
    if settings.app_id is None:
        log.warning("LOCAL MODE: no authentication; listening on %s only", settings.listen_on)
    sockets = bound(settings.listen_on, settings.port)
    web.run_app(
        _make_app_to_stay(settings),
        sock=sockets,
        access_log=None,
        print=log.info,
        lingering_time=1,  # how long to read on from a refused upload
        shutdown_timeout=TURNS_SECONDS,
        loop=new_event_loop(),
    )


async def _make_app_to_stay(settings: Settings) -> web.Application:
    """Make the application, and leave all that exists then to the end of the process."""
    app = await make_app(settings)
    # Looking for garbage among modules would pause a turn for 0.1 s now and then.
    gc.freeze()
    gc.enable()
    return app


def _disable_core_dumps() -> None:
    """Keep this process's memory out of files: it holds secret values."""
    if sys.platform != "win32":  # which writes none by default
        import resource

        # One byte, not zero: with zero Linux still pipes the dump to a program.
        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        size = 0 if most == 0 else 1
        resource.setrlimit(resource.RLIMIT_CORE, (size, size))


if __name__ == "__main__":
    main()
