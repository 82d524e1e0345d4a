"""The input for the reason of what an admin ends for good."""

from microsoft_teams.cards import TextInput

from cards.kit import text, verbs

LONGEST_REASON = 500


def reason_input(typed: str) -> TextInput:
    """Draw the input, with what was typed already; the audit channel sees what is sent."""
    return TextInput(
        id=verbs.REASON,
        label="Reason (the audit channel sees it)",
        is_required=True,
        error_message="Say why.",
        is_multiline=True,
        max_length=LONGEST_REASON,
        value=text.typed(typed, LONGEST_REASON) or None,
    )
