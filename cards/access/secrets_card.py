"""The list of secrets that can be requested."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from microsoft_teams.cards import CardElement

from cards.kit import text
from cards.kit.elements import Content, caption, card, header, paragraph, run
from cards.kit.tone import Tone
from domain.durations import format_duration
from domain.people import Principals


@dataclass(frozen=True, slots=True)
class SecretRow:
    """A secret that can be requested, for how long at most, and who decides."""

    secret: str
    longest: timedelta
    approvers: Principals


def secrets_card(requestable: Sequence[SecretRow]) -> Content:
    """Draw the list of requestable secrets, possibly empty."""
    body: list[CardElement] = [header("Secrets", "What you can request", Tone.INFO)]
    if not requestable:
        body.append(paragraph(run("No secrets can be requested here yet. Ask an admin.")))
        return card(body)
    for one in requestable:
        body.append(paragraph(run(text.line(one.secret), bold=True), spacing="Medium"))
        decides = text.approvers_of(one.approvers) or "no one who could be found"
        terms = f"Up to {format_duration(one.longest)}, decided by {decides}"
        body.append(paragraph(run(terms, subtle=True), spacing="None"))
    body.append(caption("Type: request secret NAME", "Large"))
    return card(body)
