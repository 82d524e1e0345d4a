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


def command(name: str) -> Path:
    """Return the path of a program in `.venv`, whether or not it exists yet."""
    if sys.platform == "win32":
        program = paths.VENV / "Scripts" / f"{name}.exe"
    else:
        program = paths.VENV / "bin" / name
    return program


PYTHON = command("python")


def ensure() -> None:
    """Create `.venv` and install the pinned packages, unless both are up to date.

    pip uses the user's own configuration: index, proxy and certificates.
    """
    stamp = Stamp(paths.VENV / "installed", _REQUIREMENTS, sys.version, str(paths.VENV))
    if PYTHON.exists() and stamp.is_current():
        return
    print("Setting up .venv (once; a minute or two) …", flush=True)
    stamp.remove()
    if Path(sys.prefix) != paths.VENV:  # otherwise it is running this script and can't be replaced
        _run(sys.executable, "-m", "venv", "--clear", str(paths.VENV), hint=_NO_ENSUREPIP)
    install("-r", str(_REQUIREMENTS[-1]))
    stamp.write()


def ensure_benchmarks() -> None:
    """Install the packages for the benchmarks into `.venv`, unless already done."""
    _ensure_more("benchmarks", _BENCHMARKS)


def ensure_mutants() -> None:
    """Install the packages for the mutation tests into `.venv`, unless already done."""
    _ensure_more("mutation tests", _MUTANTS)


def install(*arguments: str) -> None:
    """Install packages into `.venv`, quietly."""
    _run(str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *arguments)


def _ensure_more(what: str, requirements: Path) -> None:
    ensure()
    stamp = Stamp(paths.VENV / what.replace(" ", "-"), (*_REQUIREMENTS, requirements))
    if stamp.is_current():
        return
    print(f"Installing the packages for the {what} …", flush=True)
    install("-r", str(requirements))
    stamp.write()


def _run(*command: str, hint: str = "") -> None:
    if subprocess.run(command, cwd=paths.ROOT, check=False).returncode:
        raise Fault(f"Couldn't set up .venv: see above. {hint}".strip())


_NO_ENSUREPIP = (
    "If ensurepip is missing: on Debian and Ubuntu, install it with "
    f"`apt install python3.{sys.version_info.minor}-venv`."
)
