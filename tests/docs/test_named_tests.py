"""The tests that the pages name exist, and what they say of all tests together is so."""

import re
from pathlib import Path

import pytest

from tests.chaos import kills, lateness, matrix, one_person, replicas
from tests.docs import pages

IDS = [str(each.relative_to(pages.ROOT)) for each in pages.PAGES]
PROOF = pages.ROOT / "docs" / "proof.md"
IS_ALWAYS_RUN = [
    *(cell.is_always_run for cell in matrix.CELLS),
    *(cell.is_always_run for cell in one_person.CELLS),
    *(cell.is_always_run for cell in kills.CELLS),
    *(cell.is_always_run for cell in lateness.CELLS),
    *(cell.is_always_run for cell in replicas.CELLS),
]

_DEFINED = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)
_NAMED = re.compile(r"(?<!/)\btest_\w+\b(?!\.py)")
_PATH = re.compile(r"\b(?:tests|bench|scripts)/[\w./-]*\w")


TESTS = {
    name
    for file in (pages.ROOT / "tests").rglob("test_*.py")
    for name in _DEFINED.findall(file.read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("page", pages.PAGES, ids=IDS)
def test_each_test_that_a_page_names_exists(page: Path) -> None:
    named = set(_NAMED.findall(page.read_text(encoding="utf-8")))

    assert named - TESTS == set()


@pytest.mark.parametrize("page", pages.PAGES, ids=IDS)
def test_each_file_of_the_tests_that_a_page_names_exists(page: Path) -> None:
    named = set(_PATH.findall(page.read_text(encoding="utf-8")))

    assert [path for path in sorted(named) if not (pages.ROOT / path).exists()] == []


def test_some_pages_name_tests() -> None:
    text = PROOF.read_text(encoding="utf-8")

    assert len(_NAMED.findall(text)) > 5
    assert len(_PATH.findall(text)) > 20


def test_the_page_says_how_many_cells_each_run_of_the_tests_has() -> None:
    said = f"`make test` runs {sum(IS_ALWAYS_RUN)} of the {len(IS_ALWAYS_RUN)} cells:"

    assert said in PROOF.read_text(encoding="utf-8")
