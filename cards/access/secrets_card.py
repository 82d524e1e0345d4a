"""The list of secrets that can be requested."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from microsoft_teams.cards import CardElement, Container

from cards.kit import text, verbs
from cards.kit.elements import Content, caption, card, header, paragraph, run
from cards.kit.listing import ONE_PAGE, Paging, list_button, page_buttons, row_with_button
from cards.kit.times import duration
from cards.kit.tone import Tone
from cards.languages.texts import say, say_as
from domain.people import Principals
from domain.secrets import is_secret_name


@dataclass(frozen=True, slots=True)
class SecretRow:
    """A secret or pattern that can be requested, for how long at most, and who decides."""

    secret: str
    longest: timedelta
    approvers: Principals
    may_ask: bool = True
    """Whether the reader may request it."""


def secrets_card(requestable: Sequence[SecretRow], paging: Paging = ONE_PAGE) -> Content:
    """Draw a page of the requestable secrets, possibly empty."""
    body: list[CardElement] = [header(say("Secrets"), _title(requestable), Tone.INFO)]
    if not requestable:
        body.append(paragraph(run(say("No secrets can be requested here yet. Ask an admin."))))
        return card(body)
    body.extend(_drawn(one) for one in requestable)
    if not all(is_secret_name(one.secret) for one in requestable):
        star = say("A star stands for any text. For these, type: request secret NAME")
        body.append(caption(star, "Large"))
    return card(body, page_buttons(paging, verbs.SECRETS_PAGE))


def _title(requestable: Sequence[SecretRow]) -> str:
    if all(one.may_ask for one in requestable):
        return say("What you can request")
    return say("What can be requested")


def _drawn(one: SecretRow) -> CardElement:
    name = text.id_of(one.secret)
    lines: list[CardElement] = [
        paragraph(run(name, bold=True)),
        paragraph(run(_terms(one), subtle=True), spacing="None"),
    ]
    if not one.may_ask:
        lines.append(caption(say("Its rule doesn't let you request it"), "None"))
    if not is_secret_name(one.secret) or not one.may_ask:
        return Container(items=lines, spacing="Medium")
    button = list_button(
        say_as("button", "Request"), verbs.SECRETS_REQUEST, {verbs.SECRET: name}, name
    )
    return row_with_button(lines, button)


def _terms(one: SecretRow) -> str:
    longest, approvers = duration(one.longest), text.approvers_of(one.approvers)
    if not approvers:
        return say("Up to {longest}, decided by no one who could be found", longest=longest)
    return say("Up to {longest}, decided by {approvers}", longest=longest, approvers=approvers)
