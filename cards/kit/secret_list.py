"""The secrets of a request, one per line, for cards whose sentence only counts them."""

from microsoft_teams.cards import CardElement, Container

from cards.kit.elements import caption, paragraph, run
from cards.kit.message import MOST_IN_A_SENTENCE, secrets_by_vault
from cards.languages.texts import say
from domain.access.request import Request


def secret_list(request: Request) -> list[CardElement]:
    """Draw the secrets of a request; empty if the sentence already names them."""
    if len(request.targets) <= MOST_IN_A_SENTENCE:
        return []
    by_vault = secrets_by_vault(request)
    rows: list[CardElement] = []
    for vault, secrets in by_vault.items():
        place = f" {say('in {vault}', vault=vault)}"
        where = [run(place, subtle=True)] if len(by_vault) > 1 else []
        rows += [paragraph(run(secret, bold=True), *where, spacing="Small") for secret in secrets]
    return [Container(spacing="Medium", items=[caption(say("Secrets")), *rows])]
