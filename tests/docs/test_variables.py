"""The page of variables has each variable that is read, and no other, with its real default."""

import re
from collections import Counter
from typing import NamedTuple

import pytest

from config import ConfigurationError, Settings, read_settings
from domain.access.policy import ScopeKind
from services.variable_names import READ_BY_LIBRARIES
from tests.docs import pages

PAGE = (pages.ROOT / "docs" / "variables.md").read_text(encoding="utf-8")
FIELDS = {str(field.alias): field for field in Settings.model_fields.values()}
NOTHING: dict[str, str] = {}
ONLY_AN_APP = {"MicrosoftAppId": "0b9f3ab1-6f5e-4a59-9a4b-1f0c3a4d5e6f"}


class Row(NamedTuple):
    """A row of a table; those about endpoints have no default."""

    names: list[str]
    default: str | None


def rows() -> list[Row]:
    lines = re.findall(r"^\| (`.+) \|$", PAGE, re.MULTILINE)
    cells = [line.split(" | ") for line in lines]
    return [
        Row(re.findall(r"`(\w+)`", first), rest[1] if len(rest) > 1 else None)
        for first, *rest in cells
    ]


ROWS = rows()
WITH_DEFAULTS = [pytest.param(row, id=row.names[0]) for row in ROWS if row.default is not None]


def test_each_variable_that_is_read_has_one_row_and_no_other_has_one() -> None:
    counted = Counter(name for row in ROWS for name in row.names)

    assert {name: counted[name] for name in FIELDS} == dict.fromkeys(FIELDS, 1)
    assert counted.keys() - FIELDS.keys() - READ_BY_LIBRARIES == set()


@pytest.mark.parametrize("row", WITH_DEFAULTS)
def test_each_default_is_the_one_that_applies(row: Row) -> None:
    assert row.default is not None
    given = row.default.partition(";")[0]
    said = [] if _is_required(row) else re.findall(r"`([^`]*)`", given)

    defaults = [FIELDS[name].default for name in row.names if name in FIELDS]
    assert [one for one in said if one not in FIELDS] == [
        _shown(one) for one in defaults if isinstance(one, str | int | float | tuple)
    ]


@pytest.mark.parametrize("row", WITH_DEFAULTS)
def test_a_variable_is_called_required_if_the_bot_does_not_start_without_it(row: Row) -> None:
    missing = _missing(NOTHING) | _missing(ONLY_AN_APP)

    assert _is_required(row) == (not missing.isdisjoint(row.names))


def _is_required(row: Row) -> bool:
    return (row.default or "").startswith("required")


def _missing(environment: dict[str, str]) -> set[str]:
    """Return the variables that are reported as required."""
    with pytest.raises(ConfigurationError) as refused:
        read_settings(environment)
    return {fault.partition(":")[0] for fault in refused.value.faults if ": is required" in fault}


def _shown(default: object) -> str:
    match default:
        case bool():
            return str(int(default))
        case float():
            return f"{default:g}"
        case ScopeKind():
            return default.value
        case ():
            return "[]"
        case _:
            return str(default)
