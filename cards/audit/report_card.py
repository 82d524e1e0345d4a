"""A summary of the last 30 days."""

from collections.abc import Sequence

from microsoft_teams.cards import CardElement

from cards.kit import text
from cards.kit.elements import Content, Field, caption, card, fields, header, paragraph, run
from cards.kit.times import age
from cards.kit.tone import Tone
from domain.audit.report import MOST, PERIOD, Report
from domain.durations import format_duration


def report_card(report: Report) -> Content:
    """Draw a report."""
    stuck = f"{report.stuck:,} stuck: look into it now" if report.stuck else "Nothing is stuck"
    tone = Tone.BAD if report.stuck else Tone.INFO
    body: list[CardElement] = [
        header(f"Report · the last {PERIOD.days} days", stuck, tone),
        *fields(
            [
                Field("Requests", _total(report.requests), _counted(report.requests)),
                Field("Approved", *_approved(report)),
                Field("Rotations", _total(report.rotations), _counted(report.rotations)),
                Field("Median time to a decision", _decision(report)),
                Field("Grants active now", f"{report.active:,}"),
            ]
        ),
        *_list("Not rotated for longest", [_aged(report, at) for at in range(len(report.oldest))]),
        *_list(
            "Most requests",
            [f"{text.name_of(person)}: {count:,}" for person, count in report.top_requesters],
        ),
    ]
    if not report.is_whole:
        body.append(
            caption(f"There were more than {MOST:,}; only the newest are counted.", "Large")
        )
    return card(body)


def _approved(report: Report) -> tuple[str, str]:
    people, rule = report.approved_by_people, report.approved_by_rule
    return f"{people + rule:,}", f"{people:,} by people, {rule:,} by rule"


def _total(counts: Sequence[tuple[str, int]]) -> str:
    return f"{sum(count for _, count in counts):,}"


def _counted(counts: Sequence[tuple[str, int]]) -> str:
    states = [(state.replace("_", " ").replace("lapsed", "expired"), n) for state, n in counts]
    return ", ".join(f"{count:,} {state}" for state, count in states)


def _decision(report: Report) -> str:
    taken = report.time_to_decision
    return format_duration(taken) if taken is not None else "no decisions"


def _aged(report: Report, at: int) -> str:
    aged = report.oldest[at]
    since = "of unknown age" if aged.age is None else age(aged.age)
    return f"{text.id_of(aged.secret)} in {text.id_of(aged.vault)}: {since}"


def _list(label: str, lines: Sequence[str]) -> list[CardElement]:
    if not lines:
        return []
    return [caption(label, "Medium"), *(paragraph(run(line), spacing="None") for line in lines)]
