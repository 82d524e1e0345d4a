"""The bot as it is constructed: nothing is missing, and nothing is left open."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import get_args
from uuid import UUID

import pytest
from opentelemetry.metrics import NoOpMeter

from app import RUNTIME
from composition import root
from composition.root import Composition, compose
from composition.telemetry import Telemetry
from config import read_settings
from services.workflow.codec import Head
from tests.support.clock import ManualClock
from tests.support.environment import REQUIRED
from tests.support.tables.memory_table import MemoryTable


async def _composed(**variables: str) -> Composition:
    runtime = replace(RUNTIME, clock=ManualClock())
    return await compose(read_settings({**REQUIRED, **variables}), runtime, MemoryTable())


@pytest.fixture
async def composition() -> AsyncIterator[Composition]:
    composed = await _composed()
    yield composed
    await composed.resources.aclose()


async def test_the_engine_knows_every_kind_of_workflow_that_is_stored(
    composition: Composition,
) -> None:
    kinds = composition.worker._engine._kinds

    assert set(kinds) == set(get_args(Head))


async def test_nothing_is_measured_unasked_unless_it_is_sent(composition: Composition) -> None:
    assert composition.measuring is None


async def test_the_gauges_that_are_sent_are_measured_unasked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent = Telemetry(NoOpMeter("tests"), None)
    monkeypatch.setattr(root, "compose_telemetry", lambda *_: silent)

    composed = await _composed(
        APPLICATIONINSIGHTS_CONNECTION_STRING=f"InstrumentationKey={UUID(int=1)}"
    )
    await composed.resources.aclose()

    assert composed.measuring is not None


async def test_a_table_that_is_given_is_not_created(composition: Composition) -> None:
    await composition.prepare()  # would need Azure otherwise


async def test_the_policy_file_is_watched_if_there_is_one(tmp_path: Path) -> None:
    policy_file = tmp_path / "policy.toml"
    policy_file.write_text('[[secret]]\nname = "demo-api-key"\n', encoding="utf-8")

    with_file, without_file = await _composed(POLICY_FILE=str(policy_file)), await _composed()
    for composed in (with_file, without_file):
        await composed.resources.aclose()

    assert with_file.watch is not None
    assert without_file.watch is None
