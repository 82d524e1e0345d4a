"""The checkout's Python environment, in `.venv`."""

import subprocess
import sys
from pathlib import Path

from scripts import paths
from scripts.faults import Fault
from scripts.stamp import Stamp

_REQUIREMENTS = (paths.ROOT / "requirements.txt", paths.ROOT / "requirements-dev.txt")
_BENCHMARKS = paths.ROOT / "requirements-bench.txt"


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
    ensure()
    stamp = Stamp(paths.VENV / "benchmarks", (*_REQUIREMENTS, _BENCHMARKS))
    if stamp.is_current():
        return
    print("Installing the packages for the benchmarks …", flush=True)
    install("-r", str(_BENCHMARKS))
    stamp.write()


def install(*arguments: str) -> None:
    """Install packages into `.venv`, quietly."""
    _run(str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *arguments)


def _run(*command: str, hint: str = "") -> None:
    if subprocess.run(command, cwd=paths.ROOT, check=False).returncode:
        raise Fault(f"Couldn't set up .venv: see above. {hint}".strip())


_NO_ENSUREPIP = (
    "If ensurepip is missing: on Debian and Ubuntu, install it with "
    f"`apt install python3.{sys.version_info.minor}-venv`."
)
