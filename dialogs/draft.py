"""The result of the request dialog."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class FormDraft:
    """An access request as typed: valid, but not submitted yet."""

    form_id: str
    secrets: tuple[str, ...]
    justification: str
    window: timedelta
