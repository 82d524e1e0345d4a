"""Texts: a block of our own, and runs in which nothing is markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cards.adaptive.model import CardAction, CardElement
from cards.adaptive.values import Spacing, TextSize, TextWeight

TextColor = Literal["Default", "Dark", "Light", "Accent", "Good", "Warning", "Attention"]


@dataclass(kw_only=True)
class TextBlock(CardElement):
    """A text in which Markdown is interpreted."""

    type = "TextBlock"
    text: str
    size: TextSize | None = None
    weight: TextWeight | None = None
    is_subtle: bool | None = None
    wrap: bool | None = None
    style: Literal["default", "columnHeader", "heading"] | None = None
    spacing: Spacing | None = None


@dataclass(kw_only=True)
class TextRun(CardElement):
    """A part of a rich text, in which no Markdown is interpreted."""

    type = "TextRun"
    text: str
    size: TextSize | None = None
    weight: TextWeight | None = None
    color: TextColor | None = None
    is_subtle: bool | None = None
    font_type: Literal["Default", "Monospace"] | None = None
    select_action: CardAction | None = None


@dataclass(kw_only=True)
class RichTextBlock(CardElement):
    """A paragraph of runs."""

    type = "RichTextBlock"
    inlines: Sequence[CardElement]
    separator: bool | None = None
    spacing: Spacing | None = None
