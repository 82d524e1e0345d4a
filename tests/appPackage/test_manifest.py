"""The manifest follows Teams' rules and matches what the bot does.

Source of the rules: the manifest's schema, and Microsoft Learn, "Microsoft 365 app
manifest schema reference".
"""

from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.handlers.command_table import read, usages
from scripts import app_package
from tests.appPackage.conftest import APP_ID

Json = dict[str, Any]

REQUIRED = {
    "manifestVersion",
    "version",
    "id",
    "developer",
    "name",
    "description",
    "icons",
    "accentColor",
}
MOST_COMMANDS = 12
LONGEST_TITLE = 128


def test_every_required_field_is_present(manifest: Json) -> None:
    assert REQUIRED - set(manifest) == set()


def test_the_schema_matches_the_manifests_version(manifest: Json) -> None:
    assert f"/teams/v{manifest['manifestVersion']}/" in manifest["$schema"]


@pytest.mark.parametrize(
    ("group", "field", "longest"),
    [
        ("name", "short", 30),
        ("name", "full", 100),
        ("description", "short", 80),
        ("description", "full", 4_000),
        ("developer", "name", 32),
        ("developer", "websiteUrl", 2_048),
    ],
)
def test_no_text_is_too_long_for_teams(
    manifest: Json, group: str, field: str, longest: int
) -> None:
    assert 0 < len(manifest[group][field]) <= longest


def test_the_app_and_its_bot_have_the_bots_app_id(manifest: Json) -> None:
    assert (manifest["id"], [bot["botId"] for bot in manifest["bots"]]) == (APP_ID, [APP_ID])


def test_the_version_is_the_projects_version(manifest: Json) -> None:
    assert manifest["version"] == app_package.version()
    assert len(manifest["version"].split(".")) == 3


def test_its_pages_use_https(manifest: Json) -> None:
    pages = [manifest["developer"][page] for page in ("websiteUrl", "privacyUrl", "termsOfUseUrl")]

    assert [urlsplit(page).scheme for page in pages] == ["https"] * 3


def test_people_and_teams_can_install_it(manifest: Json) -> None:
    (bot,) = manifest["bots"]

    assert bot["scopes"] == ["personal", "team"]
    assert [commands["scopes"] for commands in bot["commandLists"]] == [bot["scopes"]]


def test_its_menu_lists_the_most_useful_commands_as_in_help(manifest: Json) -> None:
    (menu,) = manifest["bots"][0]["commandLists"]

    listed = [(command["title"], command["description"]) for command in menu["commands"]]
    assert [usage for usage in usages() if usage in listed] == listed
    assert {"request secret NAME", "my access", "approvals", "help"} <= {
        title for title, _ in listed
    }
    assert len(listed) <= MOST_COMMANDS
    assert all(len(title) <= LONGEST_TITLE for title, _ in listed)


def test_the_bot_understands_every_command_in_its_menu(manifest: Json) -> None:
    (menu,) = manifest["bots"][0]["commandLists"]

    unknown = [each["title"] for each in menu["commands"] if read(each["title"]) is None]

    assert unknown == []


def test_it_can_offer_files(manifest: Json) -> None:
    (bot,) = manifest["bots"]

    assert bot["supportsFiles"]


def test_it_requests_nothing_that_the_bot_does_not_need(manifest: Json) -> None:
    asked_for = {"authorization", "permissions", "devicePermissions", "webApplicationInfo"}
    assert asked_for & set(manifest) == set()
    assert manifest["validDomains"] == []
