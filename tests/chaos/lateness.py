"""Late anywhere: each change fails now, and happens some seconds later all the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sandbox.faults import When
from tests.chaos.counted_cells import counted_table
from tests.chaos.exchanges import Exchange, Interruption
from tests.chaos.outages import Dependency
from tests.chaos.scenarios import SCENARIOS

SECONDS = (2, 20, 70)
_ROTATION = (Dependency.TABLES, Dependency.VAULT, Dependency.ARM, Dependency.TEAMS)
_DEPENDENCIES = (
    Dependency.TABLES,
    Dependency.VAULT,
    Dependency.ARM,
    Dependency.GRAPH,
    Dependency.TEAMS,
)
_TITLE = "late during"


@dataclass(frozen=True)
class LateCell:
    """All changes that one dependency makes in one scenario, each so many seconds late."""

    scenario: str
    dependency: Dependency

    @property
    def is_always_run(self) -> bool:
        """Whether it is run with all tests, not only by `make chaos`."""
        return str(self) in _ALWAYS

    def __str__(self) -> str:
        return f"{_TITLE} {self.scenario}, {self.dependency}"

    def interruptions(self, exchanges: Sequence[Exchange]) -> list[Interruption]:
        """Return its late changes."""
        return [
            Interruption(each, When.LATE, seconds)
            for each in exchanges
            if each.dependency is self.dependency and each.changes
            for seconds in SECONDS
        ]


_IN: Mapping[str, Sequence[Dependency]] = {
    "access": (Dependency.TABLES, Dependency.ARM, Dependency.TEAMS),
    "extended access": (Dependency.TABLES, Dependency.ARM, Dependency.TEAMS),
    "access ended early": (Dependency.TABLES, Dependency.ARM, Dependency.TEAMS),
    "access to two secrets": (Dependency.TABLES, Dependency.ARM, Dependency.TEAMS),
    "rotation with three dependents": _ROTATION,
    "rotation of a storage key": _ROTATION,
    "rotation of a client secret": (*_ROTATION, Dependency.GRAPH),
}
"""What makes changes in each scenario."""

CELLS = [LateCell(scenario, dependency) for scenario in SCENARIOS for dependency in _IN[scenario]]

_ALWAYS = {f"{_TITLE} access, {Dependency.ARM}"}


def tables(said: Mapping[str, str]) -> Iterator[str]:
    """Yield the table in Markdown, from the cells' texts by their names, if any was run."""
    if not any(name.startswith(_TITLE) for name in said):
        return
    rows = {
        scenario: [LateCell(scenario, each) for each in _DEPENDENCIES] for scenario in SCENARIOS
    }
    yield counted_table(said, _TITLE, _DEPENDENCIES, rows)
