"""The browser tests find the machine's own browser, or report that there is none."""

import sys
from pathlib import Path

import pytest

from scripts.faults import Fault
from scripts.local import browser

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it has fixed places")


@pytest.fixture
def chrome(tmp_path: Path) -> Path:
    program = tmp_path / "google-chrome"
    program.touch(mode=0o755)
    return program


def test_a_browser_on_the_path_is_found(chrome: Path) -> None:
    assert browser.find({"PATH": str(chrome.parent)}) == str(chrome)


def test_a_named_browser_comes_first(chrome: Path, tmp_path: Path) -> None:
    own = tmp_path / "own-chromium"
    own.touch(mode=0o755)

    assert browser.find({"PATH": str(chrome.parent), "CHROMIUM": str(own)}) == str(own)


def test_a_missing_named_browser_is_reported(chrome: Path) -> None:
    with pytest.raises(Fault, match="CHROMIUM=/no/such isn't a program"):
        browser.find({"PATH": str(chrome.parent), "CHROMIUM": "/no/such"})


def test_a_missing_browser_is_reported_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="apt install chromium"):
        browser.find({"PATH": str(tmp_path)})
