"""The app in other languages than English: its texts are complete, and follow Teams' rules."""

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from bot.handlers.command_table import read
from cards.languages.language import LANGUAGES
from tests.appPackage.manifest_schema import MANIFEST, TRANSLATED
from tests.appPackage.schema import problems

Json = dict[str, Any]

OTHERS = [code for code in LANGUAGES if code != "en"]


@pytest.fixture(params=OTHERS)
def texts(request: pytest.FixtureRequest, package: Path) -> dict[str, str]:
    """The texts in one language, by where they are in the manifest."""
    with ZipFile(package) as opened:
        found: dict[str, str] = json.loads(opened.read(f"{request.param}.json"))
    return found


def test_the_manifest_names_a_file_for_each_language(manifest: Json) -> None:
    named = manifest["localizationInfo"]

    assert named["defaultLanguageTag"] == "en"
    assert {each["languageTag"]: each["file"] for each in named["additionalLanguages"]} == {
        code: f"{code}.json" for code in OTHERS
    }


def test_each_file_names_its_schema(manifest: Json, texts: dict[str, str]) -> None:
    version = f"/teams/v{manifest['manifestVersion']}/"

    assert texts["$schema"] == (
        manifest["$schema"].replace("MicrosoftTeams.schema", "MicrosoftTeams.Localization.schema")
    )
    assert version in texts["$schema"]


def test_each_file_has_every_text_that_can_be_translated(
    manifest: Json, texts: dict[str, str]
) -> None:
    places = {place for place in _places(manifest) if re.fullmatch(TRANSLATED, place)}

    assert set(texts) - {"$schema"} == places


def test_the_app_in_that_language_follows_the_schema(manifest: Json, texts: dict[str, str]) -> None:
    assert list(problems(_translated(manifest, texts), MANIFEST)) == []


def test_a_text_that_is_too_long_is_noticed(manifest: Json, texts: dict[str, str]) -> None:
    [problem] = problems(_translated(manifest, texts | {"description.short": "L" * 81}), MANIFEST)

    assert problem == "manifest.description.short has 81 characters, more than 80"


def test_the_bot_understands_every_command_in_the_menus(texts: dict[str, str]) -> None:
    titles = [text for place, text in texts.items() if place.endswith("].title")]

    assert titles
    assert [title for title in titles if read(title) is None] == []


def test_it_is_not_the_english_again(manifest: Json, texts: dict[str, str]) -> None:
    english = dict(_leaves(manifest, ""))
    same = {place for place, text in texts.items() if english.get(place) == text}

    assert {place for place in same if not place.endswith(("name.short", "].title"))} == set()


def _translated(manifest: Json, texts: dict[str, str]) -> Json:
    """Return the manifest with the texts in their places."""
    changed = deepcopy(manifest)
    for place, text in texts.items():
        if place == "$schema":
            continue
        *way, last = re.findall(r"\w+", place)
        holder: Any = changed
        for step in way:
            holder = holder[int(step) if step.isdecimal() else step]
        holder[last] = text
    return changed


def _places(manifest: Json) -> list[str]:
    return [place for place, _ in _leaves(manifest, "")]


def _leaves(value: Any, place: str) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        parts = [(f"{place}.{name}" if place else name, item) for name, item in value.items()]
    elif isinstance(value, list):
        parts = [(f"{place}[{number}]", item) for number, item in enumerate(value)]
    else:
        return [(place, value)]
    return [leaf for way, item in parts for leaf in _leaves(item, way)]
