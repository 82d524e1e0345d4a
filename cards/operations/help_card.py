"""The welcome, with what a person can do, and the list of all commands."""

from collections.abc import Mapping, Sequence

from microsoft_teams.cards import CardElement

from cards.kit.elements import Content, caption, card, header, paragraph, run
from cards.kit.run_button import run_button
from cards.kit.tone import Tone

_SUBTITLE = "Governed access to Azure Key Vault"
_DURATIONS = "Write durations like 45m, 2h, 1h30m or 1d."

REQUEST = ("request secret NAME for 2h because REASON", "Ask for access; it ends by itself")
MINE = ("my access", "What you have and what you asked for, to end or cancel it")
SECRETS = ("secrets", "What you can request, and who approves it")
APPROVALS = ("approvals", "What waits for your decision")
ADMIN = ("rotations", "Rotated secrets; rotate, report, doctor and others are under help all")

_BUTTONS = {
    "request": "Request access",
    "my access": "My access",
    "secrets": "Secrets",
    "approvals": "Approvals",
    "rotations": "Rotations",
    "stuck": "Stuck",
    "help all": "All commands",
}
"""The titles of the buttons, by the lines that they run."""


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
    body: list[CardElement] = [header("Latchkey", _SUBTITLE, Tone.INFO)]
    for usage, purpose in lines:
        body += _command(usage, purpose)
    return card(body, [run_button(_BUTTONS[line], line) for line in _lines(is_approver, is_admin)])


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
    """Draw all commands as pairs of usage and purpose, in groups by their titles."""
    body: list[CardElement] = [header("Latchkey", _SUBTITLE, Tone.INFO)]
    for title, commands in groups.items():
        body.append(paragraph(run(title, bold=True, size="Medium"), spacing="Large"))
        for usage, purpose in commands:
            body += _command(usage, purpose)
    body.append(caption(_DURATIONS, "Large"))
    return card(body)


def _command(usage: str, purpose: str) -> list[CardElement]:
    return [
        paragraph(run(usage, mono=True, bold=True), spacing="Medium"),
        paragraph(run(purpose, subtle=True), spacing="None"),
    ]
