"""Say that a rule of the policy approved a request, on each of its cards."""

from microsoft_teams.cards import CardElement

from cards.access.parts.conditions import describe_conditions
from cards.kit import text
from cards.kit.elements import Named, paragraph, run, runs_of
from cards.kit.sentences import sentence
from cards.languages.texts import say_count
from domain.access.request import Request


def approved_by_rule(request: Request) -> list[CardElement]:
    """Draw which rule approved a request, and on what conditions; empty if none did."""
    approval = request.approved_by_rule
    if approval is None:
        return []
    return [
        paragraph(
            *runs_of(sentence("Approved by {rule}", rule=Named(describe_rule(request)))),
            run(f"  {describe_conditions(approval.conditions)}", subtle=True, size="Small"),
            spacing="Medium",
        )
    ]


def describe_rule(request: Request) -> str:
    """Name the rules that approved a request by their tables; empty if none did."""
    approval = request.approved_by_rule
    if approval is None:
        return ""
    tables = [text.id_of(table) for table in approval.tables]
    return say_count("rule {tables}", "rules {tables}", len(tables), tables=tables)
