"""Run everything locally and print where it is and what to try, until Ctrl-C."""

import os
import signal
import threading
from pathlib import Path

from scripts.local import opening
from scripts.local.ports import Ports
from scripts.local.progress import Progress
from scripts.local.stage import Stage
from scripts.nodejs import Node


def run(node: Node, folder: Path, progress: Progress, *, browser: bool, locale: str = "") -> None:
    """Run everything until asked to stop; raise Fault as soon as a part fails.

    Logs and settings go into `folder`. With `browser`, the pages are opened in one, if possible.
    """
    stopping = _stop_on_signals()
    ports = Ports.from_environment(os.environ)
    with Stage(node, ports, os.environ, folder, stopping, locale) as stage:
        stage.start(progress.done)
        if not stopping.is_set():
            is_wanted = browser and opening.is_wanted(os.environ)
            opened = is_wanted and opening.open_pages(stage.pages, os.environ)
            print(welcome(stage, opened=opened), flush=True)
        stage.watch()
        print("\nStopping …", flush=True)


def welcome(stage: Stage, *, opened: bool) -> str:
    """Return what to do first; the lines above it have the addresses."""
    pages = "The pages open in your browser." if opened else "Open the pages above side by side."
    return (
        f"Latchkey is running, on this machine only. {pages} Then type, as "
        f"{stage.developer.person.display_name}:  "
        "request secret demo-api-key for 2m because smoke test\n"
        f"Logs: {stage.logs}. Ctrl-C stops everything."
    )


def _stop_on_signals() -> threading.Event:
    """Return an event that is set by Ctrl-C, SIGTERM or a closed terminal."""
    stopping = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: stopping.set())
    return stopping
