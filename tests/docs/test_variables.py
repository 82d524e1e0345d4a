"""The page of variables is true: each variable that is read, what is required, and the defaults."""

import re
from collections import Counter
from typing import NamedTuple

import pytest

from config import ConfigurationError, Settings, read_settings
from services.variable_names import READ_BY_LIBRARIES
from tests.docs import pages
from tests.support.environment import REQUIRED

PAGE = (pages.ROOT / "docs" / "variables.md").read_text(encoding="utf-8")


class Row(NamedTuple):
    """A row of a table; those about libraries have no default."""

    name: str
    default: str = ""


def rows() -> list[Row]:
    lines = re.findall(r"^\| `(\w+)` \| .+? \|(?: (.+) \|)?$", PAGE, re.MULTILINE)
    return [Row(*line) for line in lines]


ROWS = rows()
IN_CODE = {row.name: row.default.strip("`") for row in ROWS if row.default.startswith("`")}


def test_each_variable_that_is_read_has_one_row_and_no_other_has_one() -> None:
    fields = {str(field.alias) for field in Settings.model_fields.values()}

    assert Counter(row.name for row in ROWS) == dict.fromkeys([*fields, *READ_BY_LIBRARIES], 1)


@pytest.mark.parametrize("name", IN_CODE)
def test_to_set_a_default_changes_nothing(name: str) -> None:
    assert read_settings({**REQUIRED, name: IN_CODE[name]}) == read_settings(REQUIRED)


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_variable_is_called_required_if_the_bot_does_not_start_without_it(row: Row) -> None:
    others = {name: value for name, value in REQUIRED.items() if name != row.name}

    assert row.default.startswith("required") == (not _starts(others))


def _starts(environment: dict[str, str]) -> bool:
    try:
        read_settings(environment)
    except ConfigurationError:
        return False
    return True
