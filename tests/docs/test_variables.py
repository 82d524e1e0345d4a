"""The page of variables names each variable that is read, and no other."""

import re

from config import Settings
from services.variable_names import READ_BY_LIBRARIES
from tests.docs import pages

PAGE = (pages.ROOT / "docs" / "variables.md").read_text(encoding="utf-8")
READ = {str(field.alias) for field in Settings.model_fields.values()}


def test_each_variable_is_named() -> None:
    named = set(re.findall(r"`(\w+)(?:=[^`]*)?`", PAGE))

    assert READ - named == set()


def test_each_row_is_about_variables_that_are_read() -> None:
    cells = re.findall(r"^\| (`.+?) \|", PAGE, re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}

    assert named - READ - READ_BY_LIBRARIES == set()
