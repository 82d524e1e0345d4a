"""The example settings are complete and contain nothing that isn't read."""

import re

import pytest

from config import Settings, read_settings
from scripts import paths

LINES = (paths.ROOT / ".env.example").read_text(encoding="utf-8").splitlines()


def assignments(pattern: str) -> dict[str, str]:
    matches = (re.fullmatch(pattern, line) for line in LINES)
    return {match[1]: match[2] for match in matches if match}


@pytest.mark.parametrize("name", assignments(r"#?(\w+)=(.*)"))
def test_each_variable_is_read(name: str) -> None:
    assert name in {field.alias for field in Settings.model_fields.values()}


def test_a_commented_out_setting_shows_its_default_or_has_none() -> None:
    required = assignments(r"(\w+)=(.*)")
    defaults = {field.alias: field.default for field in Settings.model_fields.values()}
    shown = {
        name: value
        for name, value in assignments(r"#(\w+)=(.*)").items()
        if defaults[name] is not None
    }

    assert shown
    assert read_settings(required | shown) == read_settings(required)


def test_the_uncommented_settings_are_enough_to_start() -> None:
    read = read_settings(assignments(r"(\w+)=(.*)"))

    assert read.allowed_secrets == ("demo-api-key", "app-api-key")
