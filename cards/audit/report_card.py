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
    grants_title,
    interval_name,
    lateness_chart,
    lateness_names,
)
from cards.audit.states import state_word
from cards.kit import text
from cards.kit.elements import Content, Field, caption, card, fields, header, heading
from cards.kit.listing import and_more
from cards.kit.table import table
from cards.kit.times import age, brief, duration, short, utc
from cards.kit.tone import Tone
from cards.languages.texts import number, say, say_as, say_count
from domain.audit.intervals import Unit
from domain.audit.report import Aged, Drilled, Interval, Report
from domain.audit.spread import Spread
from domain.people import Person

# Lists are for a glance, and a card has to fit into a message: the exported file has whole names.
_LONGEST_NAME = 40
_LONGEST_SECRET = 64
_LONGEST_VAULT = 24


def report_card(report: Report) -> Content:
    """Draw a report: figures, then each picture above the table with its figures."""
    tone = Tone.BAD if report.stuck else Tone.INFO
    period = duration(report.asked.until - report.asked.since)
    body: list[CardElement] = [
        header(say("Report · the last {duration}", duration=period), _stuck(report.stuck), tone),
        *fields(
            [
                *([Field(say("Secret"), text.id_of(report.secret))] if report.secret else []),
                Field(say("Requests"), _total(report.requests), _counted(report.requests)),
                Field(say("Approved"), *_approved(report)),
                Field(say("Rotations"), _total(report.rotations), _counted(report.rotations)),
                Field(say("Median time to a decision"), *_decision(report.decisions)),
                Field(say("Median lateness of revocations"), *_lateness(report.lateness)),
                Field(say("Grants active now"), number(report.active)),
                *([_drilled(report.drilled)] if report.drilled else []),
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


def _stuck(count: int) -> str:
    if not count:
        return say("Nothing is stuck")
    return say_count("{count} stuck: look into it now", "{count} stuck: look into it now", count)


def _limits(report: Report) -> list[CardElement]:
    """Say from when on is counted, and what isn't."""
    since = say("Whole days in UTC are counted, since {since}.", since=utc(report.counted_since))
    if not report.unreadable:
        return [caption(since)]
    unreadable = say_count(
        "{count} couldn't be read and isn't counted.",
        "{count} couldn't be read and aren't counted.",
        report.unreadable,
    )
    return [caption(since), caption(unreadable)]


def _intervals(report: Report) -> list[CardElement]:
    if not any(one.requests or one.grants or one.decisions for one in report.intervals):
        return []
    is_weekly = report.unit is Unit.WEEK
    return [
        heading(grants_title(report.unit)),
        *grants_chart(report),
        *decision_chart(report),
        table(
            [
                say("Week from") if is_weekly else say("Month"),
                say("Requests"),
                say("Grants"),
                say("Median wait"),
                say("95 %"),
            ],
            [_interval(report.unit, one) for one in report.intervals],
        ),
        caption(
            say("Weeks start on Monday at 00:00 UTC; the first and the last can be shorter.")
            if is_weekly
            else say("Months start at 00:00 UTC; the first and the last can be shorter.")
        ),
    ]


def _interval(unit: Unit, one: Interval) -> list[str]:
    waits = [one.decisions.median, one.decisions.p95] if one.decisions else [None, None]
    shown = [say_as("wait", "none") if wait is None else short(wait) for wait in waits]
    return [interval_name(unit, one), number(one.requests), number(one.grants), *shown]


def _late(report: Report) -> list[CardElement]:
    if report.lateness is None and not report.unconfirmed:
        return []
    rows = [
        [name, number(count)] for name, count in zip(lateness_names(), report.late, strict=True)
    ]
    if report.unconfirmed:
        rows.append([say("Closed by an admin, removal not confirmed"), number(report.unconfirmed)])
    return [
        heading(say("How late access ended")),
        *lateness_chart(report),
        table([say("Gone after its end"), say("Grants")], rows),
    ]


def _oldest(report: Report) -> list[CardElement]:
    if not report.oldest:
        return []
    return [
        heading(say("Not rotated for longest")),
        *age_chart(report),
        table(
            [say("Secret"), say("Vault"), say("Age")],
            [_aged(one) for one in report.oldest[:SHOWN]],
            foreign=2,
        ),
        *and_more(len(report.oldest) - SHOWN),
    ]


def _aged(one: Aged) -> list[str]:
    names = text.line(one.secret, _LONGEST_SECRET), text.line(one.vault, _LONGEST_VAULT)
    return [*names, say("unknown") if one.age is None else age(one.age)]


def _who(person: Person) -> str:
    return text.line(text.name_of(person), _LONGEST_NAME)


def _deciders(report: Report) -> list[CardElement]:
    rows = [
        [_who(one.person), number(one.approved), number(one.denied)]
        for one in report.deciders[:SHOWN]
    ]
    if report.approved_by_rule:
        rows.append([say("A rule of the policy"), number(report.approved_by_rule), number(0)])
    if not rows:
        return []
    return [
        heading(say("Who decides")),
        *deciders_chart(report),
        table([say("Who"), say("Approved"), say("Denied")], rows, foreign=1),
        *and_more(len(report.deciders) - SHOWN),
    ]


def _requesters(report: Report) -> list[CardElement]:
    if not report.requesters:
        return []
    shown = report.requesters[:SHOWN]
    return [
        heading(say("Most requests")),
        table(
            [say("Who"), say("Requests")],
            [[_who(person), number(count)] for person, count in shown],
            foreign=1,
        ),
        *and_more(len(report.requesters) - SHOWN),
    ]


def _approved(report: Report) -> tuple[str, str]:
    people, rule = report.approved_by_people, report.approved_by_rule
    said = say("{people} by people, {rule} by rule", people=people, rule=rule)
    return number(people + rule), said


def _drilled(drilled: Drilled) -> Field:
    """Name the service level: how late the access of drills ended."""
    count = say_count(
        "{succeeded} of {count} drill succeeded",
        "{succeeded} of {count} drills succeeded",
        drilled.count,
        succeeded=drilled.succeeded,
    )
    if drilled.lateness is None:
        return Field(say("Drills"), count)
    late = say(
        "gone {median} after the end, 99 % within {p99}, at most {longest}",
        median=brief(drilled.lateness.median),
        p99=brief(drilled.lateness.p99),
        longest=brief(drilled.lateness.longest),
    )
    return Field(say("Drills"), count, late)


def _total(counts: Sequence[tuple[str, int]]) -> str:
    return number(sum(count for _, count in counts))


def _counted(counts: Sequence[tuple[str, int]]) -> str:
    return ", ".join(
        say("{count} {state}", count=count, state=state_word(state)) for state, count in counts
    )


def _decision(spread: Spread | None) -> tuple[str, str]:
    if spread is None:
        return say("no decisions"), ""
    within = say("95 % within {duration}", duration=duration(spread.p95))
    return duration(spread.median), within


def _lateness(spread: Spread | None) -> tuple[str, str]:
    if spread is None:
        return say("nothing had to end"), ""
    within = say(
        "95 % within {duration}, at most {longest}",
        duration=duration(spread.p95),
        longest=duration(spread.longest),
    )
    return duration(spread.median) if spread.median > timedelta() else say("on time"), within
