"""Whatever happens in whatever order, nobody keeps access that no row knows of.

Hypothesis plays people, time, faults and crashes against Latchkey. After every step it looks into
Azure and into the table, behind Latchkey's back. The same games are played each time. With
``make test ARGS="-k machine --hypothesis-profile=shortest"`` the shortest game is looked for that
goes wrong, which takes minutes; ``--hypothesis-profile=long`` plays many more, others each time.
"""

import itertools

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.services.access_machine.machine import Machine
from tests.services.access_machine.stores import OpenStore, in_azurite, in_memory

pytestmark = pytest.mark.usefixtures("few_shards")

_MORE = 25
"""How many times as many games are a long evening."""

_names = (f"machine{number}" for number in itertools.count(1))


def _play(open_store: OpenStore, *, games: int, steps: int) -> None:
    class Played(Machine):
        def __init__(self) -> None:
            super().__init__(open_store)

    profile = settings.get_current_profile_name()
    if profile == "long":
        games *= _MORE
    phases = tuple(Phase) if profile in {"long", "shortest"} else (Phase.generate,)
    run_state_machine_as_test(
        Played, settings=settings(max_examples=games, stateful_step_count=steps, phases=phases)
    )


def test_nothing_goes_wrong_on_the_table_in_memory() -> None:
    _play(in_memory, games=50, steps=45)


def test_nothing_goes_wrong_on_the_real_table(azurite: str) -> None:
    _play(in_azurite(azurite, lambda: next(_names)), games=3, steps=10)
