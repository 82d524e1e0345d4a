"""The developer commands; each sets up everything it needs."""

import argparse
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts import linters, nodejs, paths, virtualenv
from scripts.faults import Fault
from scripts.local import browser, everything
from scripts.local.progress import Progress
from scripts.release import app_package, bundles, locks, releases


def main(arguments: Sequence[str]) -> int:
    """Run the command line's verb; return the exit code."""
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
    """Run the bot and everything around it, until Ctrl-C."""
    progress = Progress()
    virtualenv.ensure()
    node = nodejs.ensure()
    progress.done("Set up")
    wanted = not options.no_browser
    everything.run(node, options.dir.resolve(), progress, browser=wanted, locale=options.locale)
    return 0


def test(_: argparse.Namespace, rest: list[str]) -> int:
    """Run the tests, except the slow ones; further arguments go to pytest."""
    virtualenv.ensure()
    nodejs.ensure()
    # One more process than processors, since some tests wait for servers that were killed. Each
    # file runs in one process, so that its setup happens once. In the order of their folders, since
    # those that wait have few tests, and would be left for the end.
    processes = str((os.cpu_count() or 1) + 1)
    spread = ("--numprocesses", processes, "--dist", "loadfile", "--no-loadscope-reorder")
    return _python("-m", "pytest", "-m", "not e2e and not chaos", *spread, *rest)


def e2e(_: argparse.Namespace, rest: list[str]) -> int:
    """Run the tests in a real browser."""
    virtualenv.ensure()
    nodejs.ensure_axe(nodejs.ensure())
    program = browser.find(os.environ)
    # Two at a time: they mostly wait, for a window to end or for a rotation's steps.
    spread = ("--numprocesses", "2", "--dist", "load")
    return _python("-m", "pytest", "tests/e2e", *spread, *rest, CHROMIUM=program)


def chaos(_: argparse.Namespace, rest: list[str]) -> int:
    """Run all chaos tests and print their tables."""
    virtualenv.ensure()
    nodejs.ensure()
    spread = ("--numprocesses", str(os.cpu_count() or 1), "--dist", "load")
    tables = ("-p", "tests.chaos.tables")
    return _python("-m", "pytest", *tables, "-m", "chaos or cell", *spread, *rest)


def check(_: argparse.Namespace, __: list[str]) -> int:
    """Check style, types, imports and deployment; report every failure, not just the first."""
    virtualenv.ensure_tools()
    # On its own processor, as it takes as long as all others together.
    types = subprocess.Popen(
        (str(virtualenv.PYTHON), "-m", "mypy", "."),
        cwd=paths.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    checks = [
        _python("-m", "ruff", "check", "."),
        _python("-m", "ruff", "format", "--check", "."),
        _tool("lint-imports", "--no-logo"),
        _python("-m", "scripts.bicep.syntax"),
        _python("-m", "scripts.bicep.check"),
    ]
    checks += [_tool(*command) for command in linters.commands()]
    found = types.communicate()[0]
    print(found, end="")
    return int(any((*checks, types.returncode)))


def audit(_: argparse.Namespace, __: list[str]) -> int:
    """Look for known vulnerabilities in the locked packages."""
    virtualenv.ensure_tools()
    return max(_tool(*command) for command in linters.audits())


def bench(_: argparse.Namespace, rest: list[str]) -> int:
    """Run all benchmarks, or those named; `bench --help` lists them."""
    virtualenv.ensure_benchmarks()
    nodejs.ensure()
    return _python("-m", "bench", *rest)


def mutants(_: argparse.Namespace, rest: list[str]) -> int:
    """Change the rules, and list the changes that no test notices."""
    virtualenv.ensure_mutants()
    return _python("-m", "scripts.mutants", *rest)


def generate(_: argparse.Namespace, __: list[str]) -> int:
    """Generate the lists of commands and variables, and the catalogues of texts, from the code."""
    virtualenv.ensure()
    names = ("catalogues", "command_lists", "variable_tables")
    return max(_python("-m", f"scripts.{name}") for name in names)


def rights(_: argparse.Namespace, rest: list[str]) -> int:
    """Print the rights that a policy file needs, for infra/main.bicepparam."""
    virtualenv.ensure()
    return _python("-m", "scripts.rights", *rest)


def backup(_: argparse.Namespace, rest: list[str]) -> int:
    """Write all rows of the bot's table to a new file: backup FILE."""
    virtualenv.ensure()
    return _python("-m", "scripts.state", "backup", *rest)


def restore(_: argparse.Namespace, rest: list[str]) -> int:
    """Write the rows of a backup into the bot's empty table: restore FILE."""
    virtualenv.ensure()
    return _python("-m", "scripts.state", "restore", *rest)


def lock(_: argparse.Namespace, rest: list[str]) -> int:
    """Lock the packages in requirements*.in; further arguments, as --upgrade, go to uv."""
    virtualenv.ensure_tools()
    return locks.write(rest)


def package(_: argparse.Namespace, rest: list[str]) -> int:
    """Zip the Teams app package and print where it is; takes --app-id, --website and others."""
    return app_package.main(rest)


def bundle(_: argparse.Namespace, __: list[str]) -> int:
    """Put what runs in Azure into build/app, with policy.toml if there is one."""
    print(f"{bundles.write().relative_to(paths.ROOT)} has what runs in Azure.")
    return 0


def release(_: argparse.Namespace, rest: list[str]) -> int:
    """Make what a release publishes, in build/release; takes --tag."""
    virtualenv.ensure_tools()
    return releases.main(rest)


def setup(_: argparse.Namespace, __: list[str]) -> int:
    """Install everything the other verbs need."""
    virtualenv.ensure()
    nodejs.ensure()
    return 0


def clean(_: argparse.Namespace, __: list[str]) -> int:
    """Remove everything generated by the verbs."""
    for made in (paths.VENV, paths.TOOLS, paths.LOCAL, paths.BUILD, app_package.PACKAGE.parent):
        shutil.rmtree(made, ignore_errors=True)
    return 0


# Further arguments to these verbs go to the program they start.
_PASSING_ON = (test, e2e, chaos, bench, mutants, rights, backup, restore, lock, package, release)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py", description="Build, run and test Latchkey.")
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    for verb in (
        *(run, test, check, audit, e2e, chaos, bench, mutants),
        *(generate, rights, backup, restore, lock, package, bundle, release, setup, clean),
    ):
        added = verbs.add_parser(verb.__name__, help=verb.__doc__, description=verb.__doc__)
        added.set_defaults(verb=verb)
        if verb is run:
            added.add_argument(
                "--no-browser", action="store_true", help="don't open the pages in a browser"
            )
            added.add_argument(
                "--locale", default="", help="the language of the people's Teams, such as de-DE"
            )
            added.add_argument("--dir", type=Path, default=paths.LOCAL, help="logs and settings")
    return parser


def _print_whatever_the_terminal_can() -> None:
    """Print a question mark for characters the terminal can't show, as on Windows."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _python(*arguments: str, **variables: str) -> int:
    return _run(str(virtualenv.PYTHON), *arguments, **variables)


def _tool(program: str, *arguments: str) -> int:
    return _run(str(virtualenv.command(program)), *arguments)


def _run(*command: str, **variables: str) -> int:
    environment = {**os.environ, **variables}
    return subprocess.run(command, cwd=paths.ROOT, env=environment, check=False).returncode
