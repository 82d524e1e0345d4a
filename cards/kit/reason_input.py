"""The input for an admin's reason to close or abandon something."""

from microsoft_teams.cards import TextInput

from cards.kit import text, verbs
from cards.languages.texts import say
from domain.typed import LONGEST_REASON


def reason_input(typed: str) -> TextInput:
    """Draw the input with the text typed so far; the reason appears in the audit channel."""
    return TextInput(
        id=verbs.REASON,
        label=say("Reason (visible in the audit channel)"),
        is_required=True,
        error_message=say("Enter a reason."),
        is_multiline=True,
        max_length=LONGEST_REASON,
        value=text.typed(typed, LONGEST_REASON) or None,
    )
