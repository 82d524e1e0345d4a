"""What is generated from the table of commands is as the table says."""

import json
import shutil
from pathlib import Path

import pytest

from bot.handlers.command_table import COMMANDS, read, usages
from bot.handlers.lines.command import Role, Scope
from scripts import app_languages, command_lists


def test_the_page_and_the_manifest_follow_the_table_of_commands(tmp_path: Path) -> None:
    page, manifest = tmp_path / "commands.md", tmp_path / "manifest.json"
    shutil.copy(command_lists.PAGE, page)
    shutil.copy(command_lists.MANIFEST, manifest)

    command_lists.write(page, manifest)

    hint = "run `make generate` (or `python scripts/dev.py generate`) and commit what it writes"
    assert page.read_text() == command_lists.PAGE.read_text(), hint
    assert manifest.read_text() == command_lists.MANIFEST.read_text(), hint
    for name in map(app_languages.file_of, app_languages.others()):
        written = manifest.with_name(name).read_text()
        assert written == command_lists.MANIFEST.with_name(name).read_text(), hint


def test_a_new_command_appears_in_all(tmp_path: Path) -> None:
    page, manifest = tmp_path / "commands.md", tmp_path / "manifest.json"
    page.write_text("Before\n<!-- commands -->\nstale\n<!-- end of commands -->\nafter\n")
    manifest.write_text('{"manifestVersion": "1.25", "bots": [{"scopes": ["team", "personal"]}]}')

    command_lists.write(page, manifest)

    assert page.read_text().startswith("Before\n<!-- commands -->\n| Command | What it does |")
    assert page.read_text().endswith("<!-- end of commands -->\nafter\n")
    assert "stale" not in page.read_text()
    assert json.loads(manifest.read_text())["bots"][0]["commandLists"] == [
        {"scopes": ["team"], "commands": app_languages.menu(Scope.TEAM)},
        {"scopes": ["personal"], "commands": app_languages.menu(Scope.PERSONAL)},
    ]
    german = json.loads(manifest.with_name("de.json").read_text())
    assert german["bots[0].commandLists[0].commands[0].title"] == "request secret NAME"
    assert german["bots[0].commandLists[1].commands[2].title"] == "my access"


@pytest.mark.parametrize("scope", Scope)
def test_no_menu_has_more_commands_than_teams_shows(scope: Scope) -> None:
    assert len(app_languages.menu(scope)) <= 12


@pytest.mark.parametrize("form", [form for form, _ in usages()])
def test_each_usage_begins_with_a_word_of_its_command(form: str) -> None:
    [command] = [each for each in COMMANDS if form in {usage.form for usage in each.usages}]

    assert form.split()[0] in command.words


def test_what_is_for_admins_says_so() -> None:
    for_admins = {
        usage.form for command in COMMANDS if command.role is Role.ADMIN for usage in command.usages
    }

    marked = {form for form, purpose in usages() if purpose.startswith("Admins: ")}
    assert marked == for_admins


def test_a_line_that_is_no_command_is_none() -> None:
    assert read("make me a sandwich") is None
