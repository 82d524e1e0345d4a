"""The soak sends what it says, and measures what the bot holds; growth isn't tested here."""

import pytest

from bench import soak

MEASURED = ["memory", "  in use: blocks", "tasks", "sockets", "descriptors"]


@pytest.mark.chaos
async def test_all_traffic_is_answered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(soak, "_ALREADY_OPEN", 20)
    monkeypatch.setattr(soak, "_THINK_SECONDS", 0.05)
    monkeypatch.setattr(soak, "_SAMPLE_SECONDS", 0.1)

    goals = await soak.soak(minutes=0.1)

    assert [goal.name.partition(",")[0] for goal in goals] == MEASURED
    assert " help" in capsys.readouterr().out
