"""Charts, for a picture of the figures in the table below.

Teams draws them; other clients, and older versions of Teams, leave them out ("Charts in Adaptive
Cards" in Microsoft's documentation), and a screen reader gets no more than the title. So each
stands above a table with the same figures.
"""

from collections.abc import Sequence
from datetime import date

from microsoft_teams.cards import (
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

_FALLBACK: FallbackElement = "drop"


def columns_chart(title: str, unit: str, bars: Sequence[tuple[str, int]]) -> VerticalBarChart:
    """Draw upright bars with their values."""
    return VerticalBarChart(
        title=title,
        y_axis_title=unit,
        data=[VerticalBarChartDataValue(x=name, y=value) for name, value in bars],
        show_bar_values=True,
        y_min=0,
        fallback=_FALLBACK,
    )


def bars_chart(title: str, unit: str, bars: Sequence[tuple[str, int]]) -> HorizontalBarChart:
    """Draw bars that lie on their side, with room for longer names."""
    return HorizontalBarChart(
        title=title,
        x_axis_title=unit,
        data=[HorizontalBarChartDataValue(x=name, y=value) for name, value in bars],
        display_mode="AbsoluteWithAxis",
        fallback=_FALLBACK,
    )


def lines_chart(
    title: str, unit: str, lines: Sequence[tuple[str, Sequence[tuple[date, float]]]]
) -> LineChart:
    """Draw lines over time, each with its name."""
    return LineChart(
        title=title,
        show_title=True,
        y_axis_title=unit,
        show_legend=True,
        color_set="categorical",
        data=[
            LineChartData(
                legend=name,
                values=[LineChartValue(x=on.isoformat(), y=value) for on, value in values],
            )
            for name, values in lines
        ],
        y_min=0,
        fallback=_FALLBACK,
    )


def donut_chart(title: str, parts: Sequence[tuple[str, int]]) -> DonutChart:
    """Draw the parts of a whole, each with its name in the legend."""
    return DonutChart(
        title=title,
        show_legend=True,
        color_set="categorical",
        data=[DonutChartData(legend=name, value=value) for name, value in parts],
        fallback=_FALLBACK,
    )
