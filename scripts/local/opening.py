"""Open pages in the person's browser, if there is somebody to see them."""

import sys
import threading
import webbrowser
from collections.abc import Mapping, Sequence

_NO = {"", "0", "false", "no"}


def is_wanted(environment: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Tell whether a browser can be expected to appear in front of whoever started this.

    Not in a CI job, not where there is no display, and not at the other end of an SSH connection.
    BROWSER, which some editors set to show pages on the person's own machine, counts as one.
    """
    if environment.get("CI", "").lower() not in _NO:
        return False
    if environment.get("BROWSER"):
        return True
    if platform in ("win32", "darwin"):
        return "SSH_CONNECTION" not in environment
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def open_pages(addresses: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Open them in the background, the last one in front; return whether there is a browser."""
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return False
    # Found by its name alone, it is one for the terminal, which it would take over.
    if type(found) is webbrowser.GenericBrowser and not environment.get("BROWSER"):
        return False

    def open_each() -> None:
        for address in addresses:
            found.open(address)

    # Some browsers only return when their window is closed.
    threading.Thread(target=open_each, name="browser", daemon=True).start()
    return True
