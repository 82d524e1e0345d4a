"""The secrets of a request, one a line, for cards whose sentence says only how many they are."""

from microsoft_teams.cards import CardElement, Container

from cards.elements import caption, paragraph, run
from cards.telling import MOST_IN_A_SENTENCE, secrets_by_vault
from domain.access import Request


def secret_list(request: Request) -> list[CardElement]:
    """Draw the secrets of a request; nothing where a sentence names them."""
    if len(request.targets) <= MOST_IN_A_SENTENCE:
        return []
    rows: list[CardElement] = [
        paragraph(run(secret, bold=True), run(f" in {vault}", subtle=True), spacing="None")
        for vault, secrets in secrets_by_vault(request).items()
        for secret in secrets
    ]
    return [Container(spacing="Medium", items=[caption("Secrets"), *rows])]
