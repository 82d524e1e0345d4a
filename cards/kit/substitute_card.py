"""What stands for a message that Teams does not take as a whole."""

from cards.kit import text
from cards.kit.elements import Content, caption, card, correlation, header, paragraph, run
from cards.kit.tone import Tone

_LONGEST = 500


def substitute_card(summary: str, workflow_id: str, note: str = "") -> Content:
    """Draw what happened in one line; ``note`` is the evidence that the whole would have shown."""
    return card(
        [
            header("Latchkey", "Shortened message", Tone.WARNING),
            paragraph(run(text.line(summary, _LONGEST)), spacing="Medium"),
            caption(
                "Teams refused the whole message, for example because it was too large. "
                "Type status or history with the ID below to see the rest."
            ),
            correlation(workflow_id, note),
        ]
    )
