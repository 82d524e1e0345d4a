"""Say that a rule of the policy approved a request, on each of its cards."""

from microsoft_teams.cards import CardElement

from cards.kit import text
from cards.kit.elements import paragraph, run
from domain.access.request import Request
from domain.names import listed


def approved_by_rule(request: Request) -> list[CardElement]:
    """Draw which rule approved a request, and on what conditions; empty if none did."""
    approval = request.approved_by_rule
    if approval is None:
        return []
    return [
        paragraph(
            run("Approved by "),
            run(describe_rule(request), bold=True),
            run(f"  {text.line(approval.conditions)}", subtle=True, size="Small"),
            spacing="Medium",
        )
    ]


def describe_rule(request: Request) -> str:
    """Name the rules that approved a request by their tables; empty if none did."""
    approval = request.approved_by_rule
    if approval is None:
        return ""
    kind = "rule" if len(approval.tables) == 1 else "rules"
    return f"{kind} {listed([text.id_of(table) for table in approval.tables])}"
