"""What holds for every card, whatever text comes from people and Azure."""

import json
import unicodedata
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from cards.kit.elements import Content
from tests.cards.erasure_scenarios import ERASURE_ID
from tests.cards.gallery import LINK, every_card
from tests.cards.hostile import HOSTILE, MARK
from tests.cards.policy_file_scenarios import DIGEST
from tests.cards.scenarios import DANA

LARGEST = 28 * 1024
SHOWN_BY_TEAMS = {
    "AdaptiveCard",
    "TextBlock",
    "RichTextBlock",
    "TextRun",
    "Container",
    "ColumnSet",
    "Column",
    "Table",
    "TableRow",
    "TableCell",
    "Chart.Donut",
    "Chart.HorizontalBar",
    "Chart.Line",
    "Chart.VerticalBar",
    "Input.Text",
    "Input.Toggle",
    "Input.ChoiceSet",
    "ActionSet",
    "Action.Execute",
    "Action.ShowCard",
    "Action.OpenUrl",
    "Action.ToggleVisibility",
}
TOOLTIPS = {(f"Action.{kind}", "tooltip") for kind in ("Execute", "ShowCard", "ToggleVisibility")}
# No markdown is interpreted in these, in Teams or elsewhere.
SHOWN_AS_TEXT = {("TextRun", "text"), ("Input.Text", "value"), *TOOLTIPS}
# In charts, names can't open a tag or a link either: `text.plain`.
SHOWN_IN_CHARTS = {("", "legend"), ("", "x")}
# Not visible on the card: a link's target and a button's data.
NEVER_SHOWN = {("Action.OpenUrl", "url"), ("", "secret"), ("", "line")}

TEXTS = {"friendly": "Dana", "empty": "", "blank": " \u200b ", **HOSTILE}


@pytest.fixture(scope="module", params=list(TEXTS.values()), ids=list(TEXTS))
def cards(request: pytest.FixtureRequest) -> dict[str, Content]:
    return every_card(request.param)


def test_it_is_plain_json_without_nulls(cards: dict[str, Content]) -> None:
    for name, content in cards.items():
        assert json.loads(json.dumps(content)) == content, name
        assert None not in [value for _, _, value in leaves(content)], name


def test_it_fits_into_a_message(cards: dict[str, Content]) -> None:
    for name, content in cards.items():
        size = len(json.dumps(content, ensure_ascii=False).encode())

        assert size < LARGEST, name


def test_it_uses_a_version_and_elements_that_teams_supports(
    cards: dict[str, Content],
) -> None:
    for name, content in cards.items():
        assert content["version"] == "1.5", name
        assert types(content) <= SHOWN_BY_TEAMS, name


def test_foreign_text_is_never_where_markdown_is_live(cards: dict[str, Content]) -> None:
    for name, content in cards.items():
        where = {
            (kind, key)
            for kind, key, value in leaves(content)
            if isinstance(value, str) and MARK in value and (kind, key) not in NEVER_SHOWN
        }

        assert where <= SHOWN_AS_TEXT | SHOWN_IN_CHARTS, name


def test_foreign_text_never_deceives_the_eye(cards: dict[str, Content]) -> None:
    for name, content in cards.items():
        for kind, key, value in leaves(content):
            if (kind, key) in SHOWN_AS_TEXT | SHOWN_IN_CHARTS:
                categories = {unicodedata.category(each) for each in value.replace("\n", "")}

                assert not categories & {"Cc", "Cf", "Cs", "Co"}, name
                assert not set(value) & set("\u115f\u3164\u2800"), name


def test_foreign_text_is_never_expanded_to_a_date(cards: dict[str, Content]) -> None:
    for name, content in cards.items():
        shown = [
            value for kind, key, value in leaves(content) if (kind, key) == ("TextRun", "text")
        ]

        assert not any("{{DATE(" in value or "{{TIME(" in value for value in shown), name


OURS = urlsplit(LINK).hostname


def test_every_link_leads_to_the_azure_portal_or_to_a_sign_in(cards: dict[str, Content]) -> None:
    for name, content in cards.items():
        links = [value for _, key, value in leaves(content) if key == "url"]

        assert {urlsplit(link).hostname for link in links} <= {"portal.azure.com", OURS}, name
        assert not any(set(link) & set(" \"'<>`\\\n") for link in links), name


def test_a_button_carries_an_opaque_id_and_at_most_the_name_of_a_secret_or_a_line(
    cards: dict[str, Content],
) -> None:
    for name, content in cards.items():
        for button in nodes(content):
            if button.get("type") == "Action.Execute":
                # Which one, the end, reminder or rules shown, where in a list, what was typed.
                told = {
                    "secret",
                    "source_id",
                    "until",
                    "since",
                    "after",
                    "workflow",
                    "card",
                    "line",
                    "rules",
                }
                data = {key: value for key, value in button["data"].items() if key not in told}

                assert data in (
                    {},
                    {"request": "req-01jd7q3v9k"},
                    {"workflow": "req-01jd7q3v9k"},
                    {"form": "form-1"},
                    {"rotation": "rot-01jd8b2m4t"},
                    {"rotation": "rot-01jd8b2m4u"},
                    {"drill": "drl-01jd7q3v9k"},
                    {"cursor": "opaque"},
                    {"digest": DIGEST},
                    {"erasure": ERASURE_ID, "person": DANA.object_id},
                ), name


def test_colours_are_the_clients_so_that_dark_mode_and_high_contrast_can_be_read(
    cards: dict[str, Content],
) -> None:
    for name, content in cards.items():
        keys = {key for _, key, _ in leaves(content)}
        colours = [value for _, key, value in leaves(content) if key in ("color", "style")]

        assert not keys & {"backgroundImage", "backgroundColor", "foregroundColor"}, name
        assert not any(str(colour).startswith("#") for colour in colours), name


def test_no_card_has_a_place_for_the_value_of_a_secret(cards: dict[str, Content]) -> None:
    for name, content in cards.items():
        inputs = {node["id"] for node in nodes(content) if node.get("type") == "Input.Text"}

        assert {name.partition(":")[0] for name in inputs} <= {
            "justification",
            "duration",
            "start",
            "reason",
            "window",
            "more",
        }, name


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Walk every object of a card."""
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from nodes(value)


def leaves(tree: Any) -> Iterator[tuple[str, str, Any]]:
    """Walk every value of a card, with its parent's type and its key."""
    for node in nodes(tree):
        for key, value in node.items():
            if not isinstance(value, dict | list):
                yield node.get("type", ""), key, value


def types(tree: Any) -> set[str]:
    return {node["type"] for node in nodes(tree) if "type" in node}
