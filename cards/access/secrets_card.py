"""The list of secrets that can be requested."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from microsoft_teams.cards import CardElement, Container

from cards.kit import text, verbs
from cards.kit.elements import Content, caption, card, header, paragraph, run
from cards.kit.listing import ONE_PAGE, Paging, list_button, page_buttons, row_with_button
from cards.kit.tone import Tone
from domain.durations import format_duration
from domain.people import Principals
from domain.secrets import is_secret_name


@dataclass(frozen=True, slots=True)
class SecretRow:
    """A secret or pattern that can be requested, for how long at most, and who decides."""

    secret: str
    longest: timedelta
    approvers: Principals


def secrets_card(requestable: Sequence[SecretRow], paging: Paging = ONE_PAGE) -> Content:
    """Draw a page of the requestable secrets, possibly empty."""
    body: list[CardElement] = [header("Secrets", "What you can request", Tone.INFO)]
    if not requestable:
        body.append(paragraph(run("No secrets can be requested here yet. Ask an admin.")))
        return card(body)
    body.extend(_drawn(one) for one in requestable)
    if not all(is_secret_name(one.secret) for one in requestable):
        body.append(
            caption("A star stands for any text. For these, type: request secret NAME", "Large")
        )
    return card(body, page_buttons(paging, verbs.SECRETS_PAGE))


def _drawn(one: SecretRow) -> CardElement:
    decides = text.approvers_of(one.approvers) or "no one who could be found"
    terms = f"Up to {format_duration(one.longest)}, decided by {decides}"
    name = text.id_of(one.secret)
    lines: list[CardElement] = [
        paragraph(run(name, bold=True)),
        paragraph(run(terms, subtle=True), spacing="None"),
    ]
    if not is_secret_name(one.secret):
        return Container(items=lines, spacing="Medium")
    button = list_button("Request", verbs.SECRETS_REQUEST, {verbs.SECRET: name}, name)
    return row_with_button(lines, button)
