"""The checkout's Python environment, in `.venv`."""

import subprocess
import sys
from pathlib import Path

from scripts import paths
from scripts.faults import Fault
from scripts.stamp import Stamp

_REQUIREMENTS = (paths.ROOT / "requirements.txt", paths.ROOT / "requirements-dev.txt")
_BENCHMARKS = paths.ROOT / "requirements-bench.txt"
_MUTANTS = paths.ROOT / "requirements-mutants.txt"
_TOOLS = paths.ROOT / "requirements-tools.txt"


def command(name: str) -> Path:
    """Return the path of a program in `.venv`, whether or not it exists yet."""
    if sys.platform == "win32":
        program = paths.VENV / "Scripts" / f"{name}.exe"
    else:
        program = paths.VENV / "bin" / name
    return program


PYTHON = command("python")


def ensure() -> None:
    """Create `.venv` and install the locked packages, unless both are up to date.

    pip uses the user's own configuration: index, proxy and certificates.
    """
    stamp = Stamp(paths.VENV / "installed", _REQUIREMENTS, sys.version, str(paths.VENV))
    if PYTHON.exists() and stamp.is_current():
        return
    print("Setting up .venv (once; a minute or two) …", flush=True)
    stamp.remove()
    if Path(sys.prefix) != paths.VENV:  # otherwise it is running this script and can't be replaced
        _run(sys.executable, "-m", "venv", "--clear", str(paths.VENV), hint=_NO_ENSUREPIP)
    install(*_REQUIREMENTS)
    stamp.write()


def ensure_benchmarks() -> None:
    """Install the packages for the benchmarks into `.venv`, unless already done."""
    _ensure_more("benchmarks", _BENCHMARKS)


def ensure_mutants() -> None:
    """Install the packages for the mutation tests into `.venv`, unless already done."""
    _ensure_more("mutants", _MUTANTS)


def ensure_tools() -> None:
    """Install what checks, locks and releases start into `.venv`, unless already done."""
    _ensure_more("tools", _TOOLS)


def install(*locks: Path) -> None:
    """Install locked packages into `.venv`, quietly; a file whose hash isn't listed is refused.

    So is one that is only source: pip would fetch whatever builds it, unlocked.
    """
    files = [argument for lock in locks for argument in ("-r", str(lock))]
    safely = ("--require-hashes", "--only-binary=:all:")
    quietly = ("-qq", "--disable-pip-version-check")
    _run(str(PYTHON), "-m", "pip", "install", *quietly, *safely, *files)


def _ensure_more(what: str, lock: Path) -> None:
    ensure()
    stamp = Stamp(paths.VENV / f"installed-{what}", (*_REQUIREMENTS, lock))
    if stamp.is_current():
        return
    print(f"Installing the packages for the {what} …", flush=True)
    install(lock)
    stamp.write()


def _run(*command: str, hint: str = "") -> None:
    if subprocess.run(command, cwd=paths.ROOT, check=False).returncode:
        raise Fault(f"Couldn't set up .venv: see above. {hint}".strip())


_NO_ENSUREPIP = (
    "If ensurepip is missing: on Debian and Ubuntu, install it with "
    f"`apt install python3.{sys.version_info.minor}-venv`."
)
