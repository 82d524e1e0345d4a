"""The fault matrix: each dependency with each trouble, and what must hold in each cell."""

from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.workflow import recovery
from tests.chaos.outages import Dependency, Trouble
from tests.chaos.troubled_scenarios import Outcome, access, half_a_rotation, rotation
from tests.support.deployment import Trust

Life = Callable[[Trust, Dependency, Trouble], Coroutine[Any, Any, Outcome]]

LIVES: Mapping[str, Life] = {
    "access": access,
    "rotation": rotation,
    "half a rotation": half_a_rotation,
}

ON_TIME = timedelta(seconds=2)
_SOON = timedelta(seconds=90)
_TRIED = 2 * recovery.EVERY

_NEEDED_TO_REVOKE = {Dependency.TABLES, Dependency.ARM, Dependency.ENTRA}
_IN: Mapping[str, set[Dependency]] = {
    "access": set(Dependency),
    "rotation": set(Dependency) - {Dependency.GRAPH},
    # A running rotation holds its tokens.
    "half a rotation": set(Dependency) - {Dependency.GRAPH, Dependency.ENTRA},
}

# In each run of the tests, one refusal, one silence and one lost connection.
_ALWAYS: Mapping[str, set[Trouble]] = {
    "access": {Trouble.BUSY, Trouble.SILENT_AFTER, Trouble.RESET},
    "rotation": set(),
    "half a rotation": {Trouble.SILENT_AFTER},
}


@dataclass(frozen=True)
class Cell:
    """One life with one dependency in one trouble."""

    life: str
    dependency: Dependency
    trouble: Trouble

    @property
    def is_always_run(self) -> bool:
        """Whether it is run with all tests, not only by `make chaos`."""
        return self.trouble in _ALWAYS[self.life]

    def __str__(self) -> str:
        return f"{self.life}, {self.dependency}: {self.trouble}"

    def broken_promises(self, outcome: Outcome) -> list[str]:
        """Return everything that doesn't hold."""
        wrong = list(outcome.wrong)
        if not outcome.affected:
            wrong.append("no request was affected")
        if self.life != "access":
            return wrong
        if self.dependency not in _NEEDED_TO_REVOKE:
            if max(outcome.late, outcome.other_late) > ON_TIME:
                wrong.append(f"access ended {outcome.late} and {outcome.other_late} late")
        elif outcome.late_after_trouble > self._patience():
            wrong.append(
                f"access ended {outcome.late_after_trouble} after {self.dependency} was back"
            )
        return wrong

    def said(self, outcome: Outcome) -> str:
        """Return what came of it, for the table."""
        if self.life != "access":
            return outcome.ended_as
        after = outcome.late_after_trouble.total_seconds()
        if max(outcome.late, outcome.other_late) <= ON_TIME:
            text = "on time"
        elif after == 0 and self.trouble is not Trouble.SLOW:
            text = "as soon as it was back"
        elif after < 0:
            text = f"{outcome.late.total_seconds():.0f} s late"
        else:
            text = f"{after:.0f} s after it was back"
        return outcome.ended_as + text

    def _patience(self) -> timedelta:
        return _TRIED if self.trouble is Trouble.GONE else _SOON


CELLS = [
    Cell(life, dependency, trouble)
    for life in LIVES
    for dependency in Dependency
    if dependency in _IN[life]
    for trouble in Trouble
]


def tables(said: Mapping[str, str]) -> Iterator[str]:
    """Yield each life's table in Markdown, from the cells' texts by their names, if any was run."""
    for life in LIVES:
        if any(name.startswith(f"{life}, ") for name in said):
            yield _table(said, life)


def _table(said: Mapping[str, str], life: str) -> str:
    columns = list(dict.fromkeys(cell.dependency for cell in CELLS if cell.life == life))
    lines = [f"| {life} | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for trouble in Trouble:
        cells = [said.get(str(Cell(life, each, trouble)), "") for each in columns]
        lines.append(f"| {trouble} | {' | '.join(cells)} |")
    return "\n".join(lines)
