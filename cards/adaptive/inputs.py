"""What people fill in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cards.adaptive.model import CardElement, Model
from cards.adaptive.values import Spacing


@dataclass(kw_only=True)
class TextInput(CardElement):
    """A field for text."""

    type = "Input.Text"
    id: str
    label: str
    value: str | None = None
    placeholder: str | None = None
    max_length: int | None = None
    is_multiline: bool | None = None
    is_required: bool | None = None
    error_message: str | None = None
    spacing: Spacing | None = None


@dataclass(kw_only=True)
class ToggleInput(CardElement):
    """A box to tick."""

    type = "Input.Toggle"
    id: str
    title: str
    value: str | None = None
    spacing: Spacing | None = None


@dataclass(kw_only=True)
class Choice(Model):
    """One of several values."""

    title: str
    value: str


@dataclass(kw_only=True)
class ChoiceSetInput(CardElement):
    """One or more of several values."""

    type = "Input.ChoiceSet"
    id: str
    label: str
    choices: Sequence[Choice]
    style: Literal["compact", "expanded", "filtered"] | None = None
    placeholder: str | None = None
    is_required: bool | None = None
    error_message: str | None = None
    spacing: Spacing | None = None
