"""What each verb does; each sets up all that it needs."""

import argparse
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts import browser, local, nodejs, paths, virtualenv
from scripts.faults import Fault


def main(arguments: Sequence[str]) -> int:
    """Do the verb of the command line; return the exit code."""
    _print_whatever_the_terminal_can()
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and options.verb not in _PASSING_ON:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
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
    local.run(nodejs.ensure(), options.dir.resolve(), opening=options.open)
    return 0


def test(_: argparse.Namespace, rest: list[str]) -> int:
    """Run the tests, but for those in a browser; what follows the verb goes to pytest."""
    virtualenv.ensure()
    nodejs.ensure()
    # One process more than processors, since some tests wait for servers that were killed; and
    # each file in one process: what a file sets up, it sets up once.
    processes = str((os.cpu_count() or 1) + 1)
    spread = ("--numprocesses", processes, "--dist", "loadfile")
    return _python("-m", "pytest", "-m", "not e2e", *spread, *rest)


def e2e(_: argparse.Namespace, rest: list[str]) -> int:
    """Run the tests in a real browser."""
    virtualenv.ensure()
    nodejs.ensure()
    program = browser.find(os.environ)
    return _python("-m", "pytest", "tests/e2e", *rest, CHROMIUM=program)


def check(options: argparse.Namespace, _: list[str]) -> int:
    """Check style, types and who imports whom; report every failure, not the first alone."""
    virtualenv.ensure()
    checks = [
        _python("-m", "ruff", "check", "."),
        _python("-m", "ruff", "format", "--check", "."),
        _python("-m", "mypy", "."),
        _run(str(virtualenv.command("lint-imports")), "--no-logo"),
    ]
    if options.audit:
        checks.append(_python("-m", "pip_audit", "--local"))
    return max(checks)


def bench(_: argparse.Namespace, rest: list[str]) -> int:
    """Run the benchmarks, or those that are named: agenda, turns."""
    virtualenv.ensure_benchmarks()
    nodejs.ensure()
    return _python("-m", "bench", *rest)


def generate(_: argparse.Namespace, __: list[str]) -> int:
    """Write the README's commands and the menu in Teams from the table of commands."""
    virtualenv.ensure()
    return _python("-m", "scripts.command_lists")


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


# What follows these verbs goes to the program that they start.
_PASSING_ON = (test, e2e, bench)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py", description="Build, run and test Latchkey.")
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    for verb in (run, test, check, e2e, bench, generate, setup, clean):
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


def _print_whatever_the_terminal_can() -> None:
    """Show a question mark for a character that a terminal lacks; Windows' own lack some."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _python(*arguments: str, **variables: str) -> int:
    return _run(str(virtualenv.PYTHON), *arguments, **variables)


def _run(*command: str, **variables: str) -> int:
    environment = {**os.environ, **variables}
    return subprocess.run(command, cwd=paths.ROOT, env=environment, check=False).returncode
