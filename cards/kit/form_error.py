"""What is wrong with what was typed into a form."""

from microsoft_teams.cards import Container

from cards.kit import text
from cards.kit.elements import paragraph, run


def form_error(sentence: str) -> list[Container]:
    """Draw the error above a form's inputs; nothing if there is none."""
    if not sentence:
        return []
    said = paragraph(run(text.line(sentence)))
    return [Container(style="attention", spacing="Medium", items=[said])]
