"""The few elements that every card is built from, so that all cards look alike.

Text that may come from people is drawn with ``run``: a TextRun interprets no markdown. A
TextBlock contains only Latchkey's own text.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
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
from cards.languages.texts import say

Content = dict[str, Any]
"""An Adaptive Card as JSON, ready to be an attachment's content."""

Size = Literal["Small", "Default", "Medium", "Large", "ExtraLarge"]
Color = Literal["Default", "Accent", "Good", "Warning", "Attention"]
Spacing = Literal["None", "Small", "Default", "Medium", "Large"]


def card(body: Sequence[CardElement], actions: Sequence[Action] = ()) -> Content:
    """Dump a card to plain JSON."""
    model = AdaptiveCard(version="1.5", body=list(body), actions=list(actions) or None)
    dumped = model.model_dump_json(by_alias=True, exclude_none=True)
    content: Content = json.loads(dumped, parse_float=_number)
    return content


def _number(written: str) -> int | float:
    """Read a number; the models type whole ones as floats, but strict readers expect integers."""
    number = float(written)
    return int(number) if number.is_integer() else number


def run(
    said: str,
    *,
    bold: bool = False,
    subtle: bool = False,
    mono: bool = False,
    size: Size | None = None,
    color: Color | None = None,
) -> TextRun:
    """Draw text that is never markup: from people, from Azure, or our own."""
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
    """A name, a secret or a time in a sentence: drawn in bold."""

    words: str

    def __str__(self) -> str:
        return self.words


Sentence = tuple[str | Named, ...]


def rich_text(sentence: Sentence) -> RichTextBlock:
    """Draw a sentence, with its names in bold."""
    return paragraph(*runs_of(sentence), spacing="Medium")


def runs_of(sentence: Sentence) -> list[TextRun]:
    """Draw a sentence as the first part of a paragraph."""
    runs: list[TextRun] = []
    for is_name, parts in groupby(sentence, key=lambda part: isinstance(part, Named)):
        if is_name:
            runs += [run(str(part), bold=True) for part in parts]
        elif words := "".join(str(part) for part in parts):
            runs.append(run(words))
    return runs


def caption(trusted_text: str, spacing: Spacing | None = None) -> TextBlock:
    """Draw a small grey line of Latchkey's own text."""
    return TextBlock(text=trusted_text, size="Small", is_subtle=True, wrap=True, spacing=spacing)


def heading(trusted_text: str) -> TextBlock:
    """Draw the heading of a part of a long card: Latchkey's own text."""
    return TextBlock(
        text=trusted_text, weight="Bolder", wrap=True, spacing="Large", style="heading"
    )


def header(kind: str, status: str, tone: Tone) -> Container:
    """Draw the coloured band at the top: kind and status, our own text only."""
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
    """Draw text from a person or a service, set apart from our own."""
    return Container(
        style="emphasis",
        spacing="Medium",
        items=[caption(label), paragraph(run(text.lines(said)), spacing="None")],
    )


class Field(NamedTuple):
    """A labelled value; label and note are our own text, the value may come from anyone."""

    label: str
    value: str
    note: str = ""


def moment(label: str, at: datetime) -> Field:
    """Label a time, in UTC and in the reader's local time."""
    return Field(label, utc(at), say("{moment} local", moment=local(at)))


def local_caption(label: str, at: datetime) -> TextBlock:
    """Draw a labelled time in a small grey line, in UTC and in the reader's local time."""
    said = say("{label} {utc} ({local} local)", label=label, utc=utc(at), local=local(at))
    return caption(said, "None")


def fields(those: Sequence[Field]) -> list[CardElement]:
    """Draw labelled values, two per row."""
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
    """Draw the footer with the correlation ID that links logs, cards and the audit trail."""
    return paragraph(
        run(f"{say('Correlation ID')} ", subtle=True, size="Small"),
        run(text.line(request_id), mono=True, subtle=True, size="Small"),
        *([run(f" · {note}", subtle=True, size="Small")] if note else []),
        spacing="Large",
        separator=True,
    )
