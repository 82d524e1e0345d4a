"""The welcome, with what a person can do, and the list of all commands."""

from collections.abc import Mapping, Sequence

from microsoft_teams.cards import CardElement

from cards.kit.elements import Content, caption, card, header, paragraph, run
from cards.kit.run_button import run_button
from cards.kit.tone import Tone
from cards.languages.texts import say, say_as
from cards.operations.usages import usage_of
from domain.phrases import mark

REQUEST = (
    "request secret NAME for 2h because REASON",
    mark("Ask for access; it ends by itself"),
)
MINE = ("my access", mark("What you have and what you asked for, to end or cancel it"))
SECRETS = ("secrets", mark("What you can request, and who approves it"))
APPROVALS = ("approvals", mark("What waits for your decision"))
ADMIN = (
    "rotations",
    mark("Rotated secrets; rotate, report, doctor and others are under help all"),
)


def welcome_card(*, is_approver: bool, is_admin: bool) -> Content:
    """Draw three lines and the buttons for what this person can do."""
    match is_approver, is_admin:
        case False, False:
            lines = (REQUEST, MINE, SECRETS)
        case True, False:
            lines = (REQUEST, MINE, APPROVALS)
        case False, True:
            lines = (REQUEST, MINE, ADMIN)
        case _:
            lines = (REQUEST, APPROVALS, ADMIN)
    titles = _titles()
    body = [_header()]
    for usage, purpose in lines:
        body += _command(usage, purpose)
    return card(body, [run_button(titles[line], line) for line in _lines(is_approver, is_admin)])


def suggested(*, is_approver: bool, is_admin: bool) -> list[str]:
    """Return the lines that Teams suggests beside the box in which people type; at most three."""
    return _lines(is_approver, is_admin)[:3]


def _lines(is_approver: bool, is_admin: bool) -> list[str]:
    lines = ["request", "my access"]
    if is_approver:
        lines.append("approvals")
    if is_admin:
        lines += ["rotations", "stuck"]
    if not is_approver and not is_admin:
        lines.append("secrets")
    return [*lines, "help all"]


def help_card(groups: Mapping[str, Sequence[tuple[str, str]]]) -> Content:
    """Draw all commands as pairs of usage and purpose, in groups by their titles.

    Purposes and titles are marked texts.
    """
    body = [_header()]
    for title, commands in groups.items():
        body.append(paragraph(run(say(title), bold=True, size="Medium"), spacing="Large"))
        for usage, purpose in commands:
            body += _command(usage, purpose)
    body.append(caption(say("Write durations like 45m, 2h, 1h30m or 1d."), "Large"))
    return card(body)


def _header() -> CardElement:
    return header("Latchkey", say("Governed access to Azure Key Vault"), Tone.INFO)


def _titles() -> dict[str, str]:
    """Return the titles of the buttons, by the lines that they run."""
    return {
        "request": say("Request access"),
        "my access": say("My access"),
        "secrets": say("Secrets"),
        "approvals": say("Approvals"),
        "rotations": say("Rotations"),
        "stuck": say_as("list", "Stuck"),
        "help all": say("All commands"),
    }


def _command(usage: str, purpose: str) -> list[CardElement]:
    return [
        paragraph(run(usage_of(usage), mono=True, bold=True), spacing="Medium"),
        paragraph(run(say(purpose), subtle=True), spacing="None"),
    ]
