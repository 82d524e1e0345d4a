"""Reads a policy file: returns its rules, or all of its errors at once."""

import tomllib
from typing import Any, TypeVar

from pydantic import ValidationError

from services.policies import Policies
from services.policy_file.checks import problems_between
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
    AutoApproveTable,
    DefaultsTable,
    RotationTable,
    ScheduleTable,
    SecretTable,
    VaultTable,
)
from services.rotation.kinds import RotationKinds
from services.toml import TomlTable

_FOUR_EYES = "policy_four_eyes"
_KEYS = ("defaults", "secret", _FOUR_EYES)
_NO_KEY = "is not a table or key of this file: use [defaults], [[secret]] and policy_four_eyes"
TableT = TypeVar("TableT", bound=TomlTable)


class _TableReader:
    """Reads tables and collects their errors."""

    def __init__(self, kinds: RotationKinds) -> None:
        self._dependents = list(kinds.dependents.values())
        tables: list[type[TomlTable]] = [
            SecretTable,
            AutoApproveTable,
            RotationTable,
            ScheduleTable,
            VaultTable,
        ]
        tables += [each.table for each in self._dependents]
        self._keys = sorted({key for table in tables for key in table.model_fields})
        self.flaws: list[PolicyFileProblem] = []

    def read(self, model: type[TableT], raw: object, place: Place) -> TableT | None:
        try:
            return model.model_validate(raw, context=self._dependents)
        except ValidationError as error:
            self.flaws.extend(problems_in(error, place, self._keys))
            return None


def read_policies(text: str, source: str, defaults: Defaults, kinds: RotationKinds) -> Policies:
    """Read the rules in a policy file's ``text``; ``source`` names the file in errors.

    ``kinds`` are the registered issuers and dependents. Raises PolicyFileError with all errors.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyFileError([f"{source}: is not valid TOML: {error}"]) from None
    reader = _TableReader(kinds)
    flaws = reader.flaws
    flaws.extend(PolicyFileProblem((key,), _NO_KEY) for key in document if key not in _KEYS)
    four_eyes = document.get(_FOUR_EYES, False)
    if not isinstance(four_eyes, bool):
        flaws.append(PolicyFileProblem((_FOUR_EYES,), "must be true or false"))
    common = reader.read(DefaultsTable, document.get("defaults", {}), ("defaults",))
    written = _secrets(document, flaws)
    read = [
        (number, reader.read(SecretTable, raw, ("secret", number)))
        for number, raw in enumerate(written)
    ]
    tables = [(number, table) for number, table in read if table]
    maker = RuleMaker(common or DefaultsTable(), defaults)
    if common:  # without them, inherited values aren't known
        flaws.extend(problems_between(common, tables, maker, kinds.issuers))
    if flaws:
        raise PolicyFileError(describe_problems(flaws, source, text, _names(written)))
    return maker.policies([table for _, table in tables], four_eyes=four_eyes)


def _secrets(document: dict[str, Any], flaws: list[PolicyFileProblem]) -> list[Any]:
    written = document.get("secret", [])
    if isinstance(written, list):
        return written
    flaws.append(
        PolicyFileProblem(("secret",), "must be written as [[secret]], once for each secret")
    )
    return []


def _names(written: list[Any]) -> dict[int, str]:
    """Return the names of the tables as written, for use in errors."""
    return {
        number: raw["name"]
        for number, raw in enumerate(written)
        if isinstance(raw, dict) and isinstance(raw.get("name"), str)
    }
