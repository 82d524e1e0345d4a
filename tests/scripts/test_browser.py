"""The browser tests find the machine's own browser, or say that there is none."""

import sys
from pathlib import Path

import pytest

from scripts import browser
from scripts.faults import Fault

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


def test_a_named_browser_that_is_missing_is_said(chrome: Path) -> None:
    with pytest.raises(Fault, match="CHROMIUM=/no/such is no program"):
        browser.find({"PATH": str(chrome.parent), "CHROMIUM": "/no/such"})


def test_no_browser_at_all_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="apt install chromium"):
        browser.find({"PATH": str(tmp_path)})
