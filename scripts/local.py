"""Run everything locally and print where it is and what to try, until Ctrl-C."""

import os
import signal
import threading
import webbrowser
from pathlib import Path

from scripts.nodejs import Node
from scripts.ports import Ports
from scripts.stage import Stage


def run(node: Node, folder: Path, *, opening: bool) -> None:
    """Run everything until asked to stop; raise Fault as soon as a part fails.

    Logs and settings go into `folder`; `opening` opens the windows in the browser.
    """
    stopping = _stop_on_signals()
    ports = Ports.from_environment(os.environ)
    with Stage(node, ports, os.environ, folder, stopping) as stage:
        print("Starting …", flush=True)
        stage.start()
        if not stopping.is_set():
            print(_welcome(stage), flush=True)
            if opening:
                for address in (stage.approver.url, stage.developer.url, stage.sandbox_url):
                    webbrowser.open(address)
        stage.watch()
        print("\nStopping …", flush=True)


def _stop_on_signals() -> threading.Event:
    """Return an event that is set by Ctrl-C, SIGTERM or a closed terminal."""
    stopping = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: stopping.set())
    return stopping


def _welcome(stage: Stage) -> str:
    developer = stage.developer.person.display_name
    approver = stage.approver.person.display_name
    return f"""
Latchkey is running, on this machine only. Open these three side by side:

  {stage.developer.url}   Teams as {developer} sees it
  {stage.approver.url}   Teams as {approver} sees it, an approver and admin
  {stage.sandbox_url}    the local Azure, live

Then:
  1. As {developer}, type:  request secret demo-api-key for 2m because smoke test
  2. As {approver}, press Approve on the card that arrives.
  3. Watch the access appear in the local Azure, and disappear after two minutes.
  4. As {approver}, type:  rotate app-api-key
     and watch the new version, and the setting that is updated with it, in the local Azure.
  5. Ask for demo-db-password in the same way: {approver}'s approval needs a sign-in.
  6. As {approver}, open the channel "Latchkey audit": it has the complete audit trail.
  Or type:  help

Logs: {stage.logs}. Ctrl-C stops everything.
"""
