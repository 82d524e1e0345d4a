"""Find the machine's own Chromium, Chrome or Edge for the browser tests."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from scripts.faults import Fault

_COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "msedge",
)
_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_WINDOWS_ROOTS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
_WINDOWS = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")


def find(environment: Mapping[str, str]) -> str:
    """Return the browser's path; CHROMIUM overrides it. Raises Fault if there is none."""
    search = environment.get("PATH")
    if named := environment.get("CHROMIUM"):
        return _require(named, search)
    on_path = (shutil.which(command, path=search) for command in _COMMANDS)
    installed = (str(path) for path in _usual_places(environment) if path.exists())
    found = next((path for path in (*on_path, *installed) if path), None)
    if not found:
        raise Fault(
            "The browser tests need Chromium, Chrome or Edge, and none was found. "
            "Install one (Debian: `apt install chromium`), or set CHROMIUM to its path."
        )
    return found


def _require(named: str, search: str | None) -> str:
    found = shutil.which(named, path=search)
    if not found:
        raise Fault(f"CHROMIUM={named} isn't a program.")
    return found


def _usual_places(environment: Mapping[str, str]) -> list[Path]:
    roots = [Path(environment[root]) for root in _WINDOWS_ROOTS if root in environment]
    return [Path(path) for path in _MAC] + [root / path for root in roots for path in _WINDOWS]
