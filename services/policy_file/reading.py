"""Reads a policy file: returns its rules, or all of its errors at once."""

import tomllib
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from services.policies import Policies
from services.policy_file.checks import OptionCheck, problems_between
from services.policy_file.defaults import Defaults
from services.policy_file.lines import Place
from services.policy_file.problems import (
    PolicyFileError,
    PolicyFileProblem,
    describe_problems,
    problems_in,
)
from services.policy_file.rules import RuleMaker
from services.policy_file.schema import (
    DefaultsTable,
    DependentTable,
    RotationTable,
    ScheduleTable,
    SecretTable,
    TomlTable,
    VaultTable,
)

_TABLES = ("defaults", "secret")
_NO_TABLE = "is not a table of this file: use [defaults] and [[secret]]"
_KEYS = sorted(
    {
        key
        for table in (SecretTable, RotationTable, DependentTable, ScheduleTable, VaultTable)
        for key in table.model_fields
    }
)
TableT = TypeVar("TableT", bound=TomlTable)


def read_policies(
    text: str, source: str, defaults: Defaults, issuers: Mapping[str, OptionCheck]
) -> Policies:
    """Read the rules in a policy file's ``text``; ``source`` names the file in errors.

    ``issuers`` has an option check for each issuer. Raises PolicyFileError with all errors.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyFileError([f"{source}: is not valid TOML: {error}"]) from None
    flaws = [PolicyFileProblem((key,), _NO_TABLE) for key in document if key not in _TABLES]
    common = _validated(DefaultsTable, document.get("defaults", {}), ("defaults",), flaws)
    written = _secrets(document, flaws)
    read = [
        (number, _validated(SecretTable, raw, ("secret", number), flaws))
        for number, raw in enumerate(written)
    ]
    tables = [(number, table) for number, table in read if table]
    maker = RuleMaker(common or DefaultsTable(), defaults)
    if common:  # without them, inherited values aren't known
        flaws.extend(problems_between(common, tables, maker, issuers))
    if flaws:
        raise PolicyFileError(describe_problems(flaws, source, text, _names(written)))
    return maker.policies([table for _, table in tables])


def _secrets(document: dict[str, Any], flaws: list[PolicyFileProblem]) -> list[Any]:
    written = document.get("secret", [])
    if isinstance(written, list):
        return written
    flaws.append(
        PolicyFileProblem(("secret",), "must be written as [[secret]], once for each secret")
    )
    return []


def _validated(
    model: type[TableT], raw: object, place: Place, flaws: list[PolicyFileProblem]
) -> TableT | None:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        flaws.extend(problems_in(error, place, _KEYS))
        return None


def _names(written: list[Any]) -> dict[int, str]:
    """Return the names of the tables as written, for use in errors."""
    return {
        number: raw["name"]
        for number, raw in enumerate(written)
        if isinstance(raw, dict) and isinstance(raw.get("name"), str)
    }
