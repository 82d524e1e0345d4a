"""The card of overdue access, for someone who acted on it."""

from cards.access.drill_card import drill_card
from cards.access.request_card import request_card
from cards.kit import text
from cards.kit.elements import Content, Field, card, correlation, fields, header, quote, rich_text
from cards.kit.sentences import sentence
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.access.request import Request
from domain.drill.drill import Drill
from domain.reconciliation.orphan import Orphan


def overdue_card(overdue: Request | Orphan | Drill, status: str) -> Content:
    """Draw a request or a drill in its current state, or an orphan with this ``status``."""
    if isinstance(overdue, Request):
        return request_card(overdue, buttons=False)
    if isinstance(overdue, Drill):
        return drill_card(overdue)
    description = text.line(overdue.description)
    return card(
        [
            header(say("Orphaned access"), status, Tone.WARNING),
            rich_text(
                sentence("A role assignment described as {description}", description=description)
            ),
            *fields([Field(say("Found"), utc(overdue.found_at))]),
            *([quote(say("Last error"), overdue.cause)] if overdue.cause else []),
            correlation(overdue.id),
        ]
    )
