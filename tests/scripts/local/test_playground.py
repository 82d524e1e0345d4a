"""Each window belongs to one person, in the Playground's configuration format."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.seed import AVERY, DANA, User
from scripts.local.playground import Window
from scripts.nodejs import Node


def written_settings(window: Window, folder: Path) -> Any:
    program = window.program(Node("node", ()), "http://127.0.0.1:3978/api/messages", folder, {})
    return json.loads((program.directory / ".m365agentsplayground.yml").read_text())


@pytest.mark.parametrize("person", [DANA, AVERY])
def test_the_current_user_and_five_others_have_object_ids(person: User, tmp_path: Path) -> None:
    written = written_settings(Window(person, 56150), tmp_path)

    assert written["currentUser"]["aadObjectId"] == person.id
    assert len(written["users"]) == 5
    assert all(user["id"] == user["aadObjectId"] for user in written["users"])
    assert person.id not in [user["id"] for user in written["users"]]


def test_two_windows_share_no_conversation(tmp_path: Path) -> None:
    dana = written_settings(Window(DANA, 56150), tmp_path)
    avery = written_settings(Window(AVERY, 56151), tmp_path)

    for kind in ("personalChat", "groupChat", "team"):
        assert dana[kind]["id"] != avery[kind]["id"]
    assert dana["team"]["channels"][0]["id"] != avery["team"]["channels"][0]["id"]
