"""`run` opens its pages where somebody can see them, and nowhere else."""

import threading
import webbrowser
from collections.abc import Callable

import pytest

from scripts.local import opening

PAGES = ("http://localhost:1", "http://localhost:2")


class Opened:
    """What a browser was asked to open."""

    def __init__(self) -> None:
        self.addresses: list[str] = []

    def open(self, address: str) -> bool:
        self.addresses.append(address)
        return True


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open pages before `open_pages` returns, so that no test has to wait."""

    class AtOnce:
        def __init__(self, target: Callable[[], None], **_: object) -> None:
            self.start = target

    monkeypatch.setattr(threading, "Thread", AtOnce)


@pytest.mark.parametrize(
    ("environment", "platform", "is_wanted"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"BROWSER": "/usr/bin/code-browser"}, "linux", True),
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({}, "win32", True),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "10.0.0.1 22"}, "darwin", False),
        ({"CI": "true", "DISPLAY": ":0"}, "linux", False),
        ({"CI": "1", "BROWSER": "firefox"}, "linux", False),
        ({"CI": "false", "DISPLAY": ":0"}, "linux", True),
    ],
)
def test_pages_are_opened_where_somebody_can_see_them(
    environment: dict[str, str], platform: str, *, is_wanted: bool
) -> None:
    assert opening.is_wanted(environment, platform) == is_wanted


def test_each_page_is_opened_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Opened()
    monkeypatch.setattr(webbrowser, "get", lambda: opened)

    assert opening.open_pages(PAGES, {})
    assert opened.addresses == list(PAGES)


def test_without_a_browser_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise webbrowser.Error

    monkeypatch.setattr(webbrowser, "get", fail)

    assert not opening.open_pages(PAGES, {})


def test_a_browser_for_the_terminal_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser("lynx"))

    assert not opening.open_pages(PAGES, {"DISPLAY": ":0"})
