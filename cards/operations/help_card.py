"""What Latchkey can be asked."""

from collections.abc import Sequence

from microsoft_teams.cards import CardElement

from cards.kit.elements import Content, caption, card, header, paragraph, run
from cards.kit.tone import Tone


def help_card(commands: Sequence[tuple[str, str]]) -> Content:
    """Draw the commands: pairs of how one is typed and what it does."""
    body: list[CardElement] = [
        header("Latchkey", "Governed access to Azure Key Vault", Tone.INFO),
    ]
    for usage, purpose in commands:
        body.append(paragraph(run(usage, mono=True, bold=True), spacing="Medium"))
        body.append(paragraph(run(purpose, subtle=True), spacing="None"))
    body.append(caption("Durations are written like 45m, 2h, 1h30m or 1d.", "Large"))
    return card(body)
