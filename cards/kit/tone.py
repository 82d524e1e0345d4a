"""The tone of a card: a container style that Teams colours."""

from enum import StrEnum


class Tone(StrEnum):
    QUIET = "emphasis"
    INFO = "accent"
    GOOD = "good"
    WARNING = "warning"
    BAD = "attention"
