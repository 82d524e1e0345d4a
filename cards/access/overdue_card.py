"""The card of overdue access, for someone who acted on it."""

from cards.access.request_card import request_card
from cards.kit import text
from cards.kit.elements import Content, Field, card, correlation, fields, header, quote, rich_text
from cards.kit.times import utc
from cards.kit.tone import Tone
from domain.access.request import Request
from domain.reconciliation.orphan import Orphan


def overdue_card(overdue: Request | Orphan, status: str) -> Content:
    """Draw a request in its current state, or an orphan with this ``status``."""
    if isinstance(overdue, Request):
        return request_card(overdue, buttons=False)
    return card(
        [
            header("Orphaned access", status, Tone.WARNING),
            rich_text(("A role assignment described as ", text.line(overdue.description))),
            *fields([Field("Found", utc(overdue.found_at))]),
            *([quote("Last error", overdue.cause)] if overdue.cause else []),
            correlation(overdue.id),
        ]
    )
