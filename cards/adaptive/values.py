"""The values that several kinds of elements take."""

from typing import Literal

Spacing = Literal[
    "None", "ExtraSmall", "Small", "Default", "Medium", "Large", "ExtraLarge", "Padding"
]
TextSize = Literal["Small", "Default", "Medium", "Large", "ExtraLarge"]
TextWeight = Literal["Lighter", "Default", "Bolder"]
