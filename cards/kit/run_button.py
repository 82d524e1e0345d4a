"""A button that runs a command."""

from microsoft_teams.cards import ExecuteAction

from cards.kit import text, verbs


def run_button(title: str, line: str) -> ExecuteAction:
    """Draw a button that runs a line as if its clicker had typed it."""
    data = {verbs.LINE: text.typed(line, verbs.LONGEST_LINE)}
    return ExecuteAction(title=title, verb=verbs.RUN, data=data, associated_inputs="none")
