"""The tables of variables are as the settings say."""

import shutil
from pathlib import Path
from typing import Annotated

from pydantic import Field

from config import Settings
from config.section import Section, Unset
from domain.access.rules.policy import ScopeKind
from scripts import variable_tables


class ExampleSettings(Section):
    """A variable for each kind of default."""

    needed: str = Field(alias="NEEDED", description="what it needs")
    switch: bool = Field(False, alias="SWITCH", description="a switch")
    hours: float = Field(4.0, alias="HOURS", description="hours")
    names: tuple[str, ...] = Field((), alias="NAMES", description="`a|b`")
    kind: ScopeKind = Field(ScopeKind.VAULT, alias="KIND", description="a kind")
    hosts: frozenset[str] = Field(frozenset(), alias="HOSTS", description="hosts")
    admins: Annotated[str | None, Unset("the approvers")] = Field(
        None, alias="ADMINS", description="admins"
    )


def test_the_page_follows_the_settings(tmp_path: Path) -> None:
    page = tmp_path / "variables.md"
    shutil.copy(variable_tables.PAGE, page)

    variable_tables.write(page)

    hint = "run `make generate` (or `python scripts/dev.py generate`) and commit what it writes"
    assert page.read_text() == variable_tables.PAGE.read_text(), hint


def test_each_variable_is_shown_with_its_meaning_and_what_applies_without_it() -> None:
    table = variable_tables.table_of(ExampleSettings, {"NEEDED": "required"})

    assert table.splitlines() == [
        "| Variable | Meaning | Default |",
        "|---|---|---|",
        "| `NEEDED` | what it needs | required |",
        "| `SWITCH` | a switch | `0` |",
        "| `HOURS` | hours | `4` |",
        "| `NAMES` | `a\\|b` | `[]` |",
        "| `KIND` | a kind | `vault` |",
        "| `HOSTS` | hosts | none |",
        "| `ADMINS` | admins | the approvers |",
    ]


def test_every_setting_is_in_one_section_and_says_what_it_means() -> None:
    fields = Settings.model_fields

    in_sections = [name for section in variable_tables.SECTIONS for name in section.model_fields]
    assert sorted(in_sections) == sorted(fields)
    assert [name for name, field in fields.items() if not field.description] == []


def test_what_applies_instead_is_said_only_of_variables_without_a_default() -> None:
    said = {
        field.alias: field.default
        for field in Settings.model_fields.values()
        if any(isinstance(each, Unset) for each in field.metadata)
    }

    assert set(said.values()) == {None}
