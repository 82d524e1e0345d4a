"""What each verb does; each sets up all that it needs."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts import browser, nodejs, paths, virtualenv
from scripts.faults import Fault
from scripts.ports import Ports
from scripts.stage import Stage


def main(arguments: Sequence[str]) -> int:
    """Do the verb of the command line; return the exit code."""
    options, rest = _parser().parse_known_args(arguments)
    verb: Callable[[argparse.Namespace, list[str]], int] = options.verb
    try:
        return verb(options, rest)
    except Fault as fault:
        print(f"\n{fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def run(options: argparse.Namespace, _: list[str]) -> int:
    """Run the bot with all that is around it, until Ctrl-C."""
    virtualenv.ensure()
    node = nodejs.ensure()
    stopping = _stop_on_signals()
    ports = Ports.from_environment(os.environ)
    with Stage(node, ports, os.environ, options.dir.resolve(), stopping) as stage:
        print("Starting …", flush=True)
        stage.start()
        if not stopping.is_set():
            print(_welcome(stage), flush=True)
            if options.open:
                for window in (stage.developer, stage.approver):
                    webbrowser.open(window.url)
        stage.watch()
        print("\nStopping …", flush=True)
    return 0


def test(_: argparse.Namespace, rest: list[str]) -> int:
    """Run the tests, but for those in a browser; what follows the verb goes to pytest."""
    virtualenv.ensure()
    nodejs.ensure()
    return _python("-m", "pytest", "-m", "not e2e", *rest)


def e2e(_: argparse.Namespace, rest: list[str]) -> int:
    """Run the tests in a real browser."""
    virtualenv.ensure()
    nodejs.ensure()
    return _python("-m", "pytest", "-m", "e2e", *rest, CHROMIUM=browser.find(os.environ))


def check(options: argparse.Namespace, _: list[str]) -> int:
    """Check style, types and who imports whom; report every failure, not the first alone."""
    virtualenv.ensure()
    checks = [
        _python("-m", "ruff", "check", "."),
        _python("-m", "ruff", "format", "--check", "."),
        _python("-m", "mypy", "."),
        _run(str(virtualenv.command("lint-imports"))),
    ]
    if options.audit:
        checks.append(_python("-m", "pip_audit", "--local"))
    return max(checks)


def bench(_: argparse.Namespace, rest: list[str]) -> int:
    """Run the benchmarks."""
    virtualenv.ensure()
    nodejs.ensure()
    return _python("-m", "bench", *rest)


def setup(_: argparse.Namespace, __: list[str]) -> int:
    """Install what the other verbs need."""
    virtualenv.ensure()
    nodejs.ensure()
    return 0


def clean(_: argparse.Namespace, __: list[str]) -> int:
    """Remove everything that the verbs have made."""
    for made in (paths.VENV, paths.TOOLS, paths.LOCAL):
        shutil.rmtree(made, ignore_errors=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py", description="Build, run and test Latchkey.")
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    for verb in (run, test, check, e2e, bench, setup, clean):
        added = verbs.add_parser(verb.__name__, help=verb.__doc__, description=verb.__doc__)
        added.set_defaults(verb=verb)
        if verb is run:
            added.add_argument("--open", action="store_true", help="open the windows in a browser")
            added.add_argument("--dir", type=Path, default=paths.LOCAL, help="logs and settings")
        if verb is check:
            added.add_argument(
                "--audit", action="store_true", help="look for known vulnerabilities"
            )
    return parser


def _python(*arguments: str, **variables: str) -> int:
    return _run(str(virtualenv.PYTHON), *arguments, **variables)


def _run(*command: str, **variables: str) -> int:
    environment = {**os.environ, **variables}
    return subprocess.run(command, cwd=paths.ROOT, env=environment, check=False).returncode


def _stop_on_signals() -> threading.Event:
    """Return the event that Ctrl-C, a termination or a closed terminal sets."""
    stopping = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: stopping.set())
    return stopping


def _welcome(stage: Stage) -> str:
    developer, approver = stage.developer, stage.approver
    return f"""
Latchkey runs here, and touches nothing outside this machine.

  {developer.url}   {developer.person.display_name}, a developer
  {approver.url}   {approver.person.display_name}, who approves and administers
  {stage.sandbox_url}    the local Azure: what exists in it, live

Try it:
  1. Open both windows. As {developer.person.display_name}, type
         request secret demo-api-key for 2m because smoke test
  2. As {approver.person.display_name}, press Approve on the card. The audit
     channel is in the list on the left of that window.
  3. Watch the access appear in the local Azure, and vanish two minutes later.
  4. As {approver.person.display_name}, type
         rotate app-api-key

Logs: {stage.logs}. Ctrl-C stops everything.
"""
