"""Whatever happens in whatever order, no one keeps access that no row knows of.

Hypothesis runs people, time, faults and crashes against Latchkey. After every step it checks Azure
and the table directly. The runs are the same each time.
``make test ARGS="-k machine --hypothesis-profile=shortest"`` searches for the shortest failing run,
which takes minutes; ``--hypothesis-profile=long`` does many more runs, different each time.
"""

import itertools

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.services.access_machine.machine import Machine
from tests.services.access_machine.stores import OpenStore, in_azurite, in_memory

pytestmark = pytest.mark.usefixtures("few_shards")

_MORE = 50
"""How many times more runs the long profile does."""

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


def test_all_invariants_hold_on_the_in_memory_table() -> None:
    _play(in_memory, games=25, steps=45)


def test_all_invariants_hold_on_the_real_table(azurite: str) -> None:
    _play(in_azurite(azurite, lambda: next(_names)), games=3, steps=10)
