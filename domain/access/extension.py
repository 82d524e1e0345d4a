"""A request for more time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.access.approval import Approval


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension request that hasn't been decided yet."""

    by: timedelta
    asked_at: datetime
    source_id: str = ""
    """Which message or click asked for it, so that an answer applies to this request only."""
    approvals: tuple[Approval, ...] = ()
    """The approvals so far; the last one needed extends the window."""
