"""SDKs that few deployments use are imported when they are first needed."""

import asyncio
import gc
import sys
from collections.abc import Callable
from typing import TypeVar

_Made = TypeVar("_Made")


async def import_late(load: Callable[[], _Made]) -> _Made:
    """Import what a function imports and returns, in a thread.

    If the program keeps garbage collection away from modules, it is kept away from these too: App
    Service's 40,000 objects would pause turns for 20 ms now and then.
    """
    before = len(sys.modules)
    made = await asyncio.to_thread(load)
    if len(sys.modules) > before and gc.get_freeze_count():
        gc.freeze()
    return made
