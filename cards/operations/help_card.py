"""The help card: all commands."""

from collections.abc import Sequence

from microsoft_teams.cards import CardElement

from cards.kit.elements import Content, caption, card, header, paragraph, run
from cards.kit.tone import Tone


def help_card(commands: Sequence[tuple[str, str]]) -> Content:
    """Draw the commands as pairs of usage and purpose."""
    body: list[CardElement] = [
        header("Latchkey", "Governed access to Azure Key Vault", Tone.INFO),
    ]
    for usage, purpose in commands:
        body.append(paragraph(run(usage, mono=True, bold=True), spacing="Medium"))
        body.append(paragraph(run(purpose, subtle=True), spacing="None"))
    body.append(caption("Write durations like 45m, 2h, 1h30m or 1d.", "Large"))
    return card(body)
