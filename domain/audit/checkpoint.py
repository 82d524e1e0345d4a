"""A checkpoint: what a day's workflows looked like at its end, chained to the day before.

The chain of a workflow's events can't show that the whole workflow was removed. A checkpoint has
the Merkle root over the last event of that day of every workflow that had one. ADR 48 says what
this proves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256

from domain.audit.merkle import merkle_root

FIRST = sha256(b"checkpoints").hexdigest()
"""What the first checkpoint is chained to."""


@dataclass(frozen=True, slots=True, order=True)
class Leaf:
    """A workflow's last event of a day; ``hash`` is the hash of its chain up to that event."""

    workflow: str
    number: int
    hash: str

    @property
    def text(self) -> str:
        """The text that is hashed; no part can contain a line break."""
        return f"{self.workflow}\n{self.number}\n{self.hash}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One day (UTC); ``hash`` covers the other fields, and so every day before."""

    day: date
    workflows: int
    root: str
    previous: str
    hash: str


class DayFlaw(StrEnum):
    REMOVED = "removed"
    CHANGED = "changed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class FlawedWorkflow:
    workflow: str
    flaw: DayFlaw


@dataclass(frozen=True, slots=True)
class DayVerdict:
    """The result of a day's verification.

    ``is_chained``: the checkpoint itself, and those before it, are as they were made.
    ``is_listed``: the list of the day's workflows is the one that the checkpoint was made from.
    Without that list, a flaw may not be named.
    """

    checkpoint: Checkpoint
    is_chained: bool
    is_listed: bool
    flawed: tuple[FlawedWorkflow, ...]
    archived: tuple[date, ...] = ()
    """On which days workflows of this one were archived; each of them is as it was then."""

    @property
    def is_intact(self) -> bool:
        return self.is_chained and self.is_listed and not self.flawed


def root_of(leaves: Iterable[Leaf]) -> str:
    """Return the Merkle root over leaves, in the order of their workflows."""
    return merkle_root([leaf.text for leaf in sorted(leaves)])


def take(day: date, leaves: Sequence[Leaf], previous: str) -> Checkpoint:
    """Make a day's checkpoint; ``previous`` is the hash of the one before."""
    root = root_of(leaves)
    return Checkpoint(day, len(leaves), root, previous, link(previous, day, len(leaves), root))


def link(previous: str, day: date, workflows: int, root: str) -> str:
    """Return the hash of a checkpoint."""
    return sha256(f"{previous}\n{day.isoformat()}\n{workflows}\n{root}".encode()).hexdigest()


def is_chained(checkpoints: Sequence[Checkpoint]) -> bool:
    """Return whether these are all checkpoints from the first on, day after day, as made."""
    previous, before = FIRST, None
    for one in checkpoints:
        if before and (one.day - before).days != 1:
            return False
        if one.previous != previous or one.hash != link(previous, one.day, one.workflows, one.root):
            return False
        previous, before = one.hash, one.day
    return True


def judge(
    checkpoints: Sequence[Checkpoint],
    listed: Sequence[Leaf],
    found: Mapping[str, Leaf | None],
    *,
    is_unbroken: bool = True,
) -> DayVerdict:
    """Judge the last of these checkpoints, which are all up to that day.

    ``listed`` are the leaves that were stored with it. ``found`` has what the table says now, by
    workflow: None for one that is gone, and a leaf that differs for one that was changed.
    ``is_unbroken``: the events that recorded the checkpoints are as they were stored.
    """
    checkpoint = checkpoints[-1]
    expected = {leaf.workflow: leaf for leaf in listed}
    flawed = [
        FlawedWorkflow(workflow, flaw)
        for workflow in sorted(expected.keys() | found.keys())
        if (flaw := _flaw(expected.get(workflow), found.get(workflow)))
    ]
    is_listed = len(listed) == checkpoint.workflows and root_of(listed) == checkpoint.root
    return DayVerdict(checkpoint, is_unbroken and is_chained(checkpoints), is_listed, tuple(flawed))


def _flaw(expected: Leaf | None, found: Leaf | None) -> DayFlaw | None:
    if expected == found:
        return None
    if expected is None:
        return DayFlaw.ADDED
    return DayFlaw.REMOVED if found is None else DayFlaw.CHANGED
