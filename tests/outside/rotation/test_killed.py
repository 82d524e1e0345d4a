"""The real program, killed in the middle of rotations."""

import signal

import pytest
import pytest_asyncio

from sandbox.seed import LITERAL_SETTING, PINNED_SETTING, SLOT, UNVERSIONED_SETTING
from tests.outside.crashes import a_world
from tests.outside.rotation_crashes import (
    CONNECTION_STRING,
    OTHER_STRING,
    PROPAGATING,
    UNDOING,
    WRITING,
    Outcome,
    killed_while_rotating,
)
from tests.support.deployment import Trust


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def killed(trust: Trust, azurite: str, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    async with a_world(trust, azurite, tmp_path_factory.mktemp("rotating")) as world:
        return await killed_while_rotating(world)


def test_it_was_killed_without_warning(killed: Outcome) -> None:
    assert killed.exit_code == -signal.SIGKILL


def test_an_unrecorded_version_is_found_and_used(killed: Outcome) -> None:
    ending = killed.endings[WRITING]

    [new] = ending.after[len(ending.before) :]
    assert ending.status == "Rotated, old version not retired yet"
    assert ending.puts == 1
    assert new.enabled
    assert new.id in killed.settings[""][PINNED_SETTING]


def test_a_connection_string_gets_the_version_that_was_found(killed: Outcome) -> None:
    assert killed.strings == {
        CONNECTION_STRING: (killed.endings[WRITING].after[-1].value, "SQLAzure"),
        "Other": OTHER_STRING,
    }


def test_a_secret_that_had_reached_some_apps_reaches_all(killed: Outcome) -> None:
    ending = killed.endings[PROPAGATING]

    [new] = ending.after[len(ending.before) :]
    assert ending.status == "Rotated, old version not retired yet"
    assert ending.puts == 1
    assert {held[LITERAL_SETTING] for held in killed.settings.values()} == {new.value}


def test_an_interrupted_rollback_happens_once(killed: Outcome) -> None:
    ending = killed.endings[UNDOING]

    [bad, restored] = ending.after[len(ending.before) :]
    resolution = killed.app.resolutions[UNVERSIONED_SETTING]
    assert ending.status == "Rotation failed, rolled back"
    assert ending.puts == 2
    assert not bad.enabled
    assert restored.value == ending.before[-1].value
    assert (resolution.status, resolution.active_version) == ("Resolved", restored.id)


def test_nothing_else_in_the_apps_has_changed(killed: Outcome) -> None:
    changed = {
        (slot, name)
        for slot, before in killed.settings_before.items()
        for name in before | killed.settings[slot]
        if before.get(name) != killed.settings[slot].get(name)
    }

    assert changed == {("", LITERAL_SETTING), ("", PINNED_SETTING), (SLOT, LITERAL_SETTING)}


@pytest.mark.parametrize(
    ("secret", "scenario"),
    [
        (WRITING, ["Rotation started", "Rotated"]),
        (PROPAGATING, ["Rotation started", "Rotated"]),
        (
            UNDOING,
            ["Rotation started", "Rotation failed, rolling back", "Rotation failed, rolled back"],
        ),
    ],
)
def test_each_step_is_announced_once_and_in_order(
    killed: Outcome, secret: str, scenario: list[str]
) -> None:
    assert killed.endings[secret].audit == scenario
