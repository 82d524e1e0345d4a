"""The manifest follows Teams' rules and matches what the bot does."""

from copy import deepcopy
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.handlers.command_table import read, usages
from bot.handlers.lines.command import Scope
from scripts.release import app_package
from tests.appPackage.conftest import APP_ID
from tests.appPackage.manifest_schema import MANIFEST
from tests.appPackage.schema import problems

Json = dict[str, Any]

CHANNELS = [Scope.TEAM, Scope.GROUP_CHAT]
PRIVATE = {"my access", "approvals"}


def test_it_follows_the_schema(manifest: Json) -> None:
    assert list(problems(manifest, MANIFEST)) == []


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("name.short", "L" * 31, "manifest.name.short has 31 characters, more than 30"),
        ("name.full", "L" * 101, "manifest.name.full has 101 characters"),
        ("description.short", "L" * 81, "manifest.description.short has 81 characters"),
        ("description.full", "L" * 4001, "manifest.description.full has 4001 characters"),
        ("developer.name", "", "manifest.developer.name is ''"),
        ("developer.privacyUrl", "http://contoso.example", "manifest.developer.privacyUrl is"),
        ("accentColor", "teal", "manifest.accentColor is 'teal'"),
        ("version", "1.0", "manifest.version is '1.0'"),
        ("id", "latchkey", "manifest.id is 'latchkey'"),
        ("manifestVersion", "1.24", "manifest.manifestVersion is '1.24'"),
        ("supportsFile", True, "manifest has supportsFile, which isn't in the schema"),
        ("validDomains", ["https://contoso.example"], "manifest.validDomains[0] is"),
        ("validDomains", None, "manifest.validDomains isn't of type array"),
    ],
)
def test_what_breaks_the_schema_is_noticed(
    manifest: Json, path: str, value: object, said: str
) -> None:
    *groups, field = path.split(".")
    broken = deepcopy(manifest)
    place = broken
    for group in groups:
        place = place[group]
    place[field] = value

    [problem] = problems(broken, MANIFEST)
    assert problem.startswith(said)


def test_too_many_commands_and_missing_texts_are_noticed(manifest: Json) -> None:
    commands = manifest["bots"][0]["commandLists"][0]["commands"]
    commands += [{"title": "T" * 129, "description": "too long"}, {"title": "without one"}]

    last = len(commands) - 1
    menu = "manifest.bots[0].commandLists[0].commands"
    assert list(problems(manifest, MANIFEST)) == [
        f"{menu} has {len(commands)} items, more than 12",
        f"{menu}[{last - 1}].title has 129 characters, more than 128",
        f"{menu}[{last}] has no description",
    ]


def test_the_app_and_its_bot_have_the_bots_app_id(manifest: Json) -> None:
    assert (manifest["id"], [bot["botId"] for bot in manifest["bots"]]) == (APP_ID, [APP_ID])


def test_the_version_is_the_projects_version(manifest: Json) -> None:
    assert manifest["version"] == app_package.version()


def test_its_pages_use_https(manifest: Json) -> None:
    pages = [manifest["developer"][page] for page in ("websiteUrl", "privacyUrl", "termsOfUseUrl")]

    assert [urlsplit(page).scheme for page in pages] == ["https"] * 3


def test_people_teams_and_groups_can_install_it_and_each_has_a_menu(manifest: Json) -> None:
    (bot,) = manifest["bots"]

    assert bot["scopes"] == ["personal", "team", "groupChat"]
    assert [menu["scopes"] for menu in bot["commandLists"]] == [[one] for one in bot["scopes"]]


@pytest.mark.parametrize("scope", Scope)
def test_each_menu_lists_commands_as_in_help(manifest: Json, scope: Scope) -> None:
    listed = _menu(manifest, scope)

    assert [usage for usage in usages() if usage in listed] == listed
    assert {"request secret NAME", "secrets", "help"} <= {title for title, _ in listed}


def test_what_is_for_one_person_is_in_the_personal_menu_alone(manifest: Json) -> None:
    in_chat = {title for title, _ in _menu(manifest, Scope.PERSONAL)}
    elsewhere = {title for scope in CHANNELS for title, _ in _menu(manifest, scope)}

    assert in_chat - elsewhere == PRIVATE
    assert elsewhere - in_chat == set()


@pytest.mark.parametrize("scope", Scope)
def test_the_bot_understands_every_command_in_its_menus(manifest: Json, scope: Scope) -> None:
    unknown = [title for title, _ in _menu(manifest, scope) if read(title) is None]

    assert unknown == []


def test_it_can_offer_files(manifest: Json) -> None:
    (bot,) = manifest["bots"]

    assert bot["supportsFiles"]


def test_it_requests_nothing_that_the_bot_does_not_need(manifest: Json) -> None:
    asked_for = {"authorization", "permissions", "devicePermissions", "webApplicationInfo"}
    assert asked_for & set(manifest) == set()
    assert manifest["validDomains"] == []


def _menu(manifest: Json, scope: Scope) -> list[tuple[str, str]]:
    (found,) = (
        menu["commands"]
        for menu in manifest["bots"][0]["commandLists"]
        if menu["scopes"] == [scope]
    )
    return [(command["title"], command["description"]) for command in found]
