"""A summary of a period: what happened, and in five pictures how it went."""

from collections.abc import Sequence
from datetime import timedelta

from microsoft_teams.cards import CardElement

from cards.audit.report_charts import (
    SHOWN,
    age_chart,
    deciders_chart,
    decision_chart,
    grants_chart,
    interval_name,
    lateness_chart,
    lateness_names,
)
from cards.kit import text
from cards.kit.elements import Content, Field, caption, card, fields, header, heading
from cards.kit.listing import and_more
from cards.kit.table import table
from cards.kit.terms import DENIED
from cards.kit.times import age, short, utc
from cards.kit.tone import Tone
from domain.audit.intervals import Unit
from domain.audit.report import MOST, Aged, Interval, Report
from domain.audit.spread import Spread
from domain.durations import format_duration
from domain.people import Person

_NONE = "none"

# Lists are for a glance, and a card has to fit into a message: the exported file has whole names.
_LONGEST_NAME = 40
_LONGEST_SECRET = 64
_LONGEST_VAULT = 24


def report_card(report: Report) -> Content:
    """Draw a report: figures, then each picture above the table with its figures."""
    stuck = f"{report.stuck:,} stuck: look into it now" if report.stuck else "Nothing is stuck"
    tone = Tone.BAD if report.stuck else Tone.INFO
    period = format_duration(report.asked.until - report.asked.since)
    body: list[CardElement] = [
        header(f"Report · the last {period}", stuck, tone),
        *fields(
            [
                *([Field("Secret", text.id_of(report.secret))] if report.secret else []),
                Field("Requests", _total(report.requests), _counted(report.requests)),
                Field("Approved", *_approved(report)),
                Field("Rotations", _total(report.rotations), _counted(report.rotations)),
                Field("Median time to a decision", *_decision(report.decisions)),
                Field("Median lateness of revocations", *_lateness(report.lateness)),
                Field("Grants active now", f"{report.active:,}"),
            ]
        ),
        *_limits(report),
        *_intervals(report),
        *_late(report),
        *_oldest(report),
        *_deciders(report),
        *_requesters(report),
    ]
    return card(body)


def _limits(report: Report) -> list[CardElement]:
    """Say what isn't counted."""
    said: list[CardElement] = []
    if not report.is_whole:
        since = utc(report.counted_since)
        said.append(
            caption(f"There was more than the newest {MOST:,}. All of this is since {since}.")
        )
    if report.unreadable:
        said.append(caption(f"{report.unreadable:,} couldn't be read and aren't counted."))
    return said


def _intervals(report: Report) -> list[CardElement]:
    if not any(one.requests or one.grants or one.decisions for one in report.intervals):
        return []
    is_weekly = report.unit is Unit.WEEK
    return [
        heading("Grants a week" if is_weekly else "Grants a month"),
        *grants_chart(report),
        *decision_chart(report),
        table(
            ["Week from" if is_weekly else "Month", "Requests", "Grants", "Median wait", "95 %"],
            [_interval(report.unit, one) for one in report.intervals],
        ),
        caption(
            "Weeks start on Monday at 00:00 UTC; the first and the last can be shorter."
            if is_weekly
            else "Months start at 00:00 UTC; the first and the last can be shorter."
        ),
    ]


def _interval(unit: Unit, one: Interval) -> list[str]:
    waits = (
        [short(one.decisions.median), short(one.decisions.p95)] if one.decisions else [_NONE, _NONE]
    )
    return [interval_name(unit, one), f"{one.requests:,}", f"{one.grants:,}", *waits]


def _late(report: Report) -> list[CardElement]:
    if report.lateness is None:
        return []
    rows = [[name, f"{count:,}"] for name, count in zip(lateness_names(), report.late, strict=True)]
    return [
        heading("How late access ended"),
        *lateness_chart(report),
        table(["Gone after its end", "Grants"], rows),
    ]


def _oldest(report: Report) -> list[CardElement]:
    if not report.oldest:
        return []
    return [
        heading("Not rotated for longest"),
        *age_chart(report),
        table(["Secret", "Vault", "Age"], [_aged(one) for one in report.oldest[:SHOWN]], foreign=2),
        *and_more(len(report.oldest) - SHOWN),
    ]


def _aged(one: Aged) -> list[str]:
    names = text.line(one.secret, _LONGEST_SECRET), text.line(one.vault, _LONGEST_VAULT)
    return [*names, "unknown" if one.age is None else age(one.age)]


def _who(person: Person) -> str:
    return text.line(text.name_of(person), _LONGEST_NAME)


def _deciders(report: Report) -> list[CardElement]:
    rows = [
        [_who(one.person), f"{one.approved:,}", f"{one.denied:,}"]
        for one in report.deciders[:SHOWN]
    ]
    if report.approved_by_rule:
        rows.append(["A rule of the policy", f"{report.approved_by_rule:,}", "0"])
    if not rows:
        return []
    return [
        heading("Who decides"),
        *deciders_chart(report),
        table(["Who", "Approved", DENIED.capitalize()], rows, foreign=1),
        *and_more(len(report.deciders) - SHOWN),
    ]


def _requesters(report: Report) -> list[CardElement]:
    if not report.requesters:
        return []
    shown = report.requesters[:SHOWN]
    return [
        heading("Most requests"),
        table(
            ["Who", "Requests"],
            [[_who(person), f"{count:,}"] for person, count in shown],
            foreign=1,
        ),
        *and_more(len(report.requesters) - SHOWN),
    ]


def _approved(report: Report) -> tuple[str, str]:
    people, rule = report.approved_by_people, report.approved_by_rule
    return f"{people + rule:,}", f"{people:,} by people, {rule:,} by rule"


def _total(counts: Sequence[tuple[str, int]]) -> str:
    return f"{sum(count for _, count in counts):,}"


def _counted(counts: Sequence[tuple[str, int]]) -> str:
    states = [(state.replace("_", " ").replace("lapsed", "expired"), n) for state, n in counts]
    return ", ".join(f"{count:,} {state}" for state, count in states)


def _decision(spread: Spread | None) -> tuple[str, str]:
    if spread is None:
        return "no decisions", ""
    return format_duration(spread.median), f"95 % within {format_duration(spread.p95)}"


def _lateness(spread: Spread | None) -> tuple[str, str]:
    if spread is None:
        return "nothing had to end", ""
    within, most = format_duration(spread.p95), format_duration(spread.longest)
    median = format_duration(spread.median) if spread.median > timedelta() else "on time"
    return median, f"95 % within {within}, at most {most}"
