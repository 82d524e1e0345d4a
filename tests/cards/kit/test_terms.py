"""Words that many cards share are in one file."""

import ast
import re
from pathlib import Path

import cards
from cards.kit import terms

CARDS = Path(cards.__file__).parent
OUR_OWN = {CARDS / "kit" / "terms.py", CARDS / "kit" / "verbs.py"}
"""The words themselves, and names that no person sees."""


def test_no_card_spells_the_words_for_a_denial_itself() -> None:
    words = re.compile(rf"\b({terms.DENY}|{terms.DENIED})\b", re.IGNORECASE)
    spelt = [
        f"{path.relative_to(CARDS)}:{line} {text}"
        for path in sorted(set(CARDS.rglob("*.py")) - OUR_OWN)
        for line, text in _texts(path)
        if words.search(text) and text != "denied"  # a stored code
    ]

    assert spelt == []


def _texts(path: Path) -> list[tuple[int, str]]:
    """Return the texts of a file with their lines, without its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
    ]
