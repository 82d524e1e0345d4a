"""The few shapes that every card is built of, so that all of them look alike.

Whatever may hold people's text is drawn by ``run``: a TextRun interprets no markdown. A
TextBlock holds Latchkey's own words alone.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from microsoft_teams.cards import (
    Action,
    AdaptiveCard,
    CardElement,
    Column,
    ColumnSet,
    Container,
    RichTextBlock,
    TextBlock,
    TextRun,
)

from cards.kit import text
from cards.kit.times import local, utc
from cards.kit.tone import Tone

Content = dict[str, Any]
"""An Adaptive Card as JSON, ready to be an attachment's content."""

Size = Literal["Small", "Default", "Medium", "Large", "ExtraLarge"]
Color = Literal["Default", "Accent", "Good", "Warning", "Attention"]
Spacing = Literal["None", "Small", "Default", "Medium", "Large"]


def card(body: Sequence[CardElement], actions: Sequence[Action] = ()) -> Content:
    """Dump a card to plain JSON."""
    model = AdaptiveCard(version="1.5", body=list(body), actions=list(actions) or None)
    dumped = model.model_dump_json(by_alias=True, exclude_none=True)
    # The models type whole numbers as floats; a strict reader of the card wants them whole.
    content: Content = json.loads(dumped, parse_float=lambda number: int(float(number)))
    return content


def run(
    said: str,
    *,
    bold: bool = False,
    subtle: bool = False,
    mono: bool = False,
    size: Size | None = None,
    color: Color | None = None,
) -> TextRun:
    """Draw text that is nobody's markup: of people, of Azure, or our own."""
    return TextRun(
        text=said,
        weight="Bolder" if bold else None,
        is_subtle=subtle or None,
        font_type="Monospace" if mono else None,
        size=size,
        color=color,
    )


def paragraph(
    *runs: TextRun, spacing: Spacing | None = None, separator: bool | None = None
) -> RichTextBlock:
    inlines: list[CardElement] = list(runs)
    return RichTextBlock(inlines=inlines, spacing=spacing, separator=separator)


@dataclass(frozen=True, slots=True)
class Named:
    """A name, a secret or a moment within a sentence: what the eye looks for."""

    words: str


Sentence = tuple[str | Named, ...]


def rich_text(sentence: Sentence) -> RichTextBlock:
    """Draw a sentence with what it names in bold."""
    runs = [
        run(each.words, bold=True) if isinstance(each, Named) else run(each) for each in sentence
    ]
    return paragraph(*runs, spacing="Medium")


def caption(own_words: str, spacing: Spacing | None = None) -> TextBlock:
    """Draw a small grey line of Latchkey's own words."""
    return TextBlock(text=own_words, size="Small", is_subtle=True, wrap=True, spacing=spacing)


def header(kind: str, status: str, tone: Tone) -> Container:
    """Draw the coloured band on top: what this is, and how it stands; own words alone."""
    return Container(
        style=tone.value,
        bleed=True,
        items=[
            TextBlock(text=kind, size="Small", is_subtle=True, wrap=True),
            TextBlock(
                text=status,
                size="Medium",
                weight="Bolder",
                wrap=True,
                spacing="None",
                style="heading",
            ),
        ],
    )


def quote(label: str, said: str) -> Container:
    """Draw what somebody wrote, set apart from our own words."""
    return Container(
        style="emphasis",
        spacing="Medium",
        items=[caption(label), paragraph(run(text.lines(said)), spacing="None")],
    )


class Field(NamedTuple):
    """A labelled value; label and note are Latchkey's own words, the value may be anybody's."""

    label: str
    value: str
    note: str = ""


def moment(label: str, at: datetime) -> Field:
    """Label a moment, in UTC and in the reader's own time."""
    return Field(label, utc(at), f"{local(at)} local")


def fields(those: Sequence[Field]) -> list[CardElement]:
    """Draw labelled values, two in a row."""
    rows = [those[at : at + 2] for at in range(0, len(those), 2)]
    return [ColumnSet(columns=[_column(field) for field in row], spacing="Medium") for row in rows]


def _column(field: Field) -> Column:
    items: list[CardElement] = [
        caption(field.label),
        paragraph(run(field.value), spacing="None"),
        *([caption(field.note, "None")] if field.note else []),
    ]
    return Column(width="stretch", items=items)


def correlation(request_id: str, note: str = "") -> RichTextBlock:
    """Draw the footer by which logs, cards and the audit trail are brought together."""
    return paragraph(
        run("Correlation ID ", subtle=True, size="Small"),
        run(text.line(request_id), mono=True, subtle=True, size="Small"),
        *([run(f" · {note}", subtle=True, size="Small")] if note else []),
        spacing="Large",
        separator=True,
    )
