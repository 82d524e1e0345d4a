"""Charts, which Teams alone draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cards.adaptive.model import CardElement, Model

FallbackElement = Literal["drop"]
ChartColors = Literal[
    "categorical", "sequential", "sequentialred", "sequentialgreen", "sequentialyellow", "diverging"
]


@dataclass(kw_only=True)
class DonutChartData(Model):
    """A part of a whole."""

    legend: str
    value: float


@dataclass(kw_only=True)
class DonutChart(CardElement):
    """The parts of a whole."""

    type = "Chart.Donut"
    title: str
    data: Sequence[DonutChartData]
    show_legend: bool | None = None
    color_set: ChartColors | None = None
    fallback: FallbackElement | None = None


@dataclass(kw_only=True)
class HorizontalBarChartDataValue(Model):
    """A bar."""

    x: str
    y: float


@dataclass(kw_only=True)
class HorizontalBarChart(CardElement):
    """Bars that lie on their side."""

    type = "Chart.HorizontalBar"
    title: str
    data: Sequence[HorizontalBarChartDataValue]
    x_axis_title: str | None = None
    display_mode: Literal["AbsoluteWithAxis", "AbsoluteNoAxis", "PartToWhole"] | None = None
    fallback: FallbackElement | None = None


@dataclass(kw_only=True)
class VerticalBarChartDataValue(Model):
    """A bar."""

    x: str
    y: float


@dataclass(kw_only=True)
class VerticalBarChart(CardElement):
    """Upright bars."""

    type = "Chart.VerticalBar"
    title: str
    data: Sequence[VerticalBarChartDataValue]
    y_axis_title: str | None = None
    y_min: float | None = None
    show_bar_values: bool | None = None
    fallback: FallbackElement | None = None


@dataclass(kw_only=True)
class LineChartValue(Model):
    """A point."""

    x: str
    y: float


@dataclass(kw_only=True)
class LineChartData(Model):
    """A line."""

    legend: str
    values: Sequence[LineChartValue]


@dataclass(kw_only=True)
class LineChart(CardElement):
    """Lines over time."""

    type = "Chart.Line"
    title: str
    data: Sequence[LineChartData]
    show_title: bool | None = None
    show_legend: bool | None = None
    color_set: ChartColors | None = None
    y_axis_title: str | None = None
    y_min: float | None = None
    fallback: FallbackElement | None = None
