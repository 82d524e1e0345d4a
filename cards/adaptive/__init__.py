"""The elements of Adaptive Cards that we use, typed: a misspelt property is a type error.

Names and values are those of Microsoft's own models in `microsoft-teams-cards`; a test compares
every card with them. They themselves take a tenth of a start, and 20 MB.
"""

from cards.adaptive.actions import (
    ActionSet,
    ExecuteAction,
    OpenUrlAction,
    ShowCardAction,
    ToggleVisibilityAction,
)
from cards.adaptive.card import AdaptiveCard
from cards.adaptive.charts import (
    DonutChart,
    DonutChartData,
    FallbackElement,
    HorizontalBarChart,
    HorizontalBarChartDataValue,
    LineChart,
    LineChartData,
    LineChartValue,
    VerticalBarChart,
    VerticalBarChartDataValue,
)
from cards.adaptive.containers import Column, ColumnSet, Container
from cards.adaptive.inputs import Choice, ChoiceSetInput, TextInput, ToggleInput
from cards.adaptive.model import CardAction, CardElement, as_json
from cards.adaptive.tables import CardTable, ColumnDefinition, TableCell, TableRow
from cards.adaptive.texts import RichTextBlock, TextBlock, TextRun

__all__ = [
    "ActionSet",
    "AdaptiveCard",
    "CardAction",
    "CardElement",
    "CardTable",
    "Choice",
    "ChoiceSetInput",
    "Column",
    "ColumnDefinition",
    "ColumnSet",
    "Container",
    "DonutChart",
    "DonutChartData",
    "ExecuteAction",
    "FallbackElement",
    "HorizontalBarChart",
    "HorizontalBarChartDataValue",
    "LineChart",
    "LineChartData",
    "LineChartValue",
    "OpenUrlAction",
    "RichTextBlock",
    "ShowCardAction",
    "TableCell",
    "TableRow",
    "TextBlock",
    "TextInput",
    "TextRun",
    "ToggleInput",
    "ToggleVisibilityAction",
    "VerticalBarChart",
    "VerticalBarChartDataValue",
    "as_json",
]
