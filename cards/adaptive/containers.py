"""What holds other elements."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cards.adaptive.model import CardElement
from cards.adaptive.values import Spacing

ContainerStyle = Literal["default", "emphasis", "accent", "good", "attention", "warning"]


@dataclass(kw_only=True)
class Container(CardElement):
    """Elements one below the other."""

    type = "Container"
    items: Sequence[CardElement]
    id: str | None = None
    style: ContainerStyle | None = None
    is_visible: bool | None = None
    bleed: bool | None = None
    separator: bool | None = None
    spacing: Spacing | None = None


@dataclass(kw_only=True)
class Column(CardElement):
    """Elements one below the other, beside other columns."""

    type = "Column"
    items: Sequence[CardElement]
    width: str | float | None = None
    vertical_content_alignment: Literal["Top", "Center", "Bottom"] | None = None


@dataclass(kw_only=True)
class ColumnSet(CardElement):
    """Columns side by side."""

    type = "ColumnSet"
    columns: Sequence[Column]
    spacing: Spacing | None = None
