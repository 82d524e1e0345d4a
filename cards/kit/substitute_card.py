"""The substitute for a message that Teams rejects as a whole."""

from cards.kit import text
from cards.kit.elements import Content, caption, card, correlation, header, paragraph, run
from cards.kit.tone import Tone
from cards.languages.texts import say

_LONGEST = 500


def substitute_card(summary: str, workflow_id: str, note: str = "") -> Content:
    """Draw the event in one line; ``note`` is the evidence note of the full message."""
    return card(
        [
            header("Latchkey", say("Shortened message"), Tone.WARNING),
            paragraph(run(text.line(summary, _LONGEST)), spacing="Medium"),
            caption(
                say(
                    "Teams rejected the full message, for example because it was too large. "
                    "Type status or history with the ID below to see the rest."
                )
            ),
            correlation(workflow_id, note),
        ]
    )
