"""The event loop that everything runs on."""

import asyncio
import sys


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return one of uvloop's, which doesn't exist for Windows: there, one of asyncio's own."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()

    import uvloop

    return uvloop.new_event_loop()
