"""A plan that a person confirmed."""

from dataclasses import dataclass

from services.storage.table import Operation


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What was confirmed, and where."""

    asked_in: str
    """The conversation."""
    rules: str
    """The digest of the rules that the plan shows."""
    started: Operation
    """The change that is stored with the rotation; it conflicts if the plan was cancelled."""
