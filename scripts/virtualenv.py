"""The checkout's own Python environment, in `.venv`."""

import subprocess
import sys

from scripts import paths
from scripts.faults import Fault
from scripts.stamp import Stamp

_REQUIREMENTS = (paths.ROOT / "requirements.txt", paths.ROOT / "requirements-dev.txt")
_PROGRAMS = paths.VENV / ("Scripts" if sys.platform == "win32" else "bin")

PYTHON = _PROGRAMS / ("python.exe" if sys.platform == "win32" else "python")


def ensure() -> None:
    """Create `.venv` and install the pinned packages, unless both are as they should be.

    pip keeps the user's own configuration: its index, its proxy and its certificates.
    """
    stamp = Stamp(paths.VENV / "installed", _REQUIREMENTS, sys.version, sys.executable)
    if PYTHON.exists() and stamp.is_current():
        return
    print("Setting up .venv (once; a minute or two) …", flush=True)
    stamp.remove()
    _run(sys.executable, "-m", "venv", "--clear", str(paths.VENV), doing="create .venv", hint=_HINT)
    install("-r", str(_REQUIREMENTS[-1]))
    stamp.write()


def install(*arguments: str) -> None:
    """Install packages into `.venv`, quietly."""
    _run(str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *arguments)


def _run(*command: str, doing: str = "install the packages", hint: str = "") -> None:
    if subprocess.run(command, cwd=paths.ROOT, check=False).returncode:
        raise Fault(f"Could not {doing}: the reason is above. {hint}".strip())


_HINT = (
    "If it is ensurepip that is missing: on Debian and Ubuntu it comes with "
    f"`apt install python3.{sys.version_info.minor}-venv`."
)
