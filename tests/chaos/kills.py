"""Kill anywhere: the bot is killed before and after each exchange, and started again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sandbox.faults import When
from tests.chaos.counted_cells import counted_table
from tests.chaos.exchanges import Exchange, Interruption
from tests.chaos.outages import Dependency
from tests.chaos.scenarios import SCENARIOS

_DEPENDENCIES = (
    Dependency.TABLES,
    Dependency.VAULT,
    Dependency.ARM,
    Dependency.GRAPH,
    Dependency.TEAMS,
)
_TITLE = "killed during"


@dataclass(frozen=True)
class KillCell:
    """The kills at all exchanges of one scenario with one dependency."""

    scenario: str
    dependency: Dependency

    @property
    def is_always_run(self) -> bool:
        """Whether it is run with all tests, not only by `make chaos`."""
        return str(self) in _ALWAYS

    def __str__(self) -> str:
        return f"{_TITLE} {self.scenario}, {self.dependency}"

    def interruptions(self, exchanges: Sequence[Exchange]) -> list[Interruption]:
        """Return its kills; before and after what changes nothing, all is the same."""
        return [
            Interruption(each, when)
            for each in exchanges
            if each.dependency is self.dependency
            for when in ((When.BEFORE, When.AFTER) if each.changes else (When.BEFORE,))
        ]


_WITHOUT_GRAPH = ("rotation with three dependents", "rotation of a storage key")
CELLS = [
    KillCell(scenario, dependency)
    for scenario in SCENARIOS
    for dependency in _DEPENDENCIES
    if dependency is not Dependency.GRAPH or scenario not in _WITHOUT_GRAPH
]

_ALWAYS = {f"{_TITLE} access, {Dependency.ARM}"}


def tables(said: Mapping[str, str]) -> Iterator[str]:
    """Yield the table in Markdown, from the cells' texts by their names, if any was run."""
    if not any(name.startswith(_TITLE) for name in said):
        return
    rows = {
        scenario: [KillCell(scenario, each) for each in _DEPENDENCIES] for scenario in SCENARIOS
    }
    yield counted_table(said, _TITLE, _DEPENDENCIES, rows)
