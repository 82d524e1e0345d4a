"""A line of a vault's log."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LoggedOperation:
    """One line of a vault's log; `item` is the secret and the version that were returned."""

    at: datetime
    vault: str
    """The vault's resource ID, in lower case."""
    operation: str
    status: int
    item: str
    caller: str
    """The object ID."""
    is_person: bool
    application: str
    """The client ID of an application; empty for a person."""
    assignment: str
    """The ID of the role assignment that allowed it; empty if none did."""
