"""What a conversation about access comes to."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class FormDraft:
    """An access request as its requester wants it, valid in itself and filed nowhere yet."""

    form_id: str
    secrets: tuple[str, ...]
    justification: str
    window: timedelta
