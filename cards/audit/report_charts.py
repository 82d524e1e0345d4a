"""The charts of a report; each is left out if it would show nothing, or zeros with odd axes."""

from collections.abc import Sequence
from datetime import timedelta

from microsoft_teams.cards import CardElement

from cards.kit import text
from cards.kit.charts import bars_chart, columns_chart, donut_chart, lines_chart
from cards.kit.times import day_of_year, duration, month
from cards.languages.texts import say
from domain.audit.intervals import Unit
from domain.audit.lateness import BANDS
from domain.audit.report import Interval, Report

SHOWN = 5
"""How many people or secrets a list shows; the exported file has them all."""

_LONGEST_LABEL = 30
_HOURS_FROM = timedelta(hours=3)


def interval_name(unit: Unit, one: Interval) -> str:
    """Name a week by its first day, or a month."""
    return month(one.start) if unit is Unit.MONTH else day_of_year(one.start)


def lateness_names() -> list[str]:
    """Name the bands of lateness."""
    within = [say("within {duration}", duration=duration(longest)) for longest in BANDS]
    return [*within, say("after more than {duration}", duration=duration(BANDS[-1]))]


def grants_chart(report: Report) -> list[CardElement]:
    bars = [(interval_name(report.unit, one), one.grants) for one in report.intervals]
    if not any(count for _, count in bars):
        return []
    return [columns_chart(grants_title(report.unit), say("Grants"), bars)]


def grants_title(unit: Unit) -> str:
    return say("Grants a week") if unit is Unit.WEEK else say("Grants a month")


def decision_chart(report: Report) -> list[CardElement]:
    """Draw the time to a decision as two lines; a line needs two points."""
    decided = [(one.start.date(), one.decisions) for one in report.intervals if one.decisions]
    if len(decided) < 2:
        return []
    in_hours = max(spread.p95 for _, spread in decided) >= _HOURS_FROM
    unit = timedelta(hours=1) if in_hours else timedelta(minutes=1)
    return [
        lines_chart(
            say("Time to a decision"),
            say("Hours") if in_hours else say("Minutes"),
            [
                (say("Median"), [(on, round(spread.median / unit, 1)) for on, spread in decided]),
                (say("95 % within"), [(on, round(spread.p95 / unit, 1)) for on, spread in decided]),
            ],
        )
    ]


def lateness_chart(report: Report) -> list[CardElement]:
    bars = list(zip(lateness_names(), report.late, strict=True))
    if not any(count for _, count in bars):
        return []
    return [bars_chart(say("How late access ended"), say("Grants"), bars)]


def age_chart(report: Report) -> list[CardElement]:
    """Draw the ages that are known, in whole days."""
    shown = report.oldest[:SHOWN]
    bars = [(_label(one.secret), one.age.days) for one in shown if one.age is not None]
    if not any(days for _, days in bars):
        return []
    return [bars_chart(say("Age of rotated secrets"), say("Days"), bars)]


def deciders_chart(report: Report) -> list[CardElement]:
    parts = [(_label(text.name_of(one.person)), one.decided) for one in report.deciders[:SHOWN]]
    others = sum(one.decided for one in report.deciders[SHOWN:])
    own: Sequence[tuple[str, int]] = (
        (say("Others"), others),
        (say("A rule of the policy"), report.approved_by_rule),
    )
    return [donut_chart(say("Who decides"), [*parts, *(one for one in own if one[1])])]


def _label(said: str) -> str:
    """Shorten a name for a chart; it can't open a tag or a link, should a client interpret it."""
    return text.plain(said, _LONGEST_LABEL)
