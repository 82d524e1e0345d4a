"""The figures of a report, as a file."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

from domain.access.approval import Approval
from domain.access.grant import AzureAnswer
from domain.access.reads import LogSpan, ReadsUnknown
from domain.access.request import RequestState
from domain.audit.access_review import Period
from domain.audit.figures import Figures
from domain.audit.outside_reads import OutsideReader, OutsideReads
from domain.audit.report import Aged, Drilled, Report, summarise
from domain.audit.spread import spread_of
from domain.people import Person
from services.audit.files.figures_file import figures_file
from tests.support.builders import ADA, HOUR, MINUTE, a_grant, an_active_request
from tests.support.clock import NINE

DAY = timedelta(days=1)
FIGURES = Figures()
FIGURES.count(
    an_active_request(
        state=RequestState.REVOKING,
        approvals=(Approval(ADA, NINE + 3 * MINUTE),),
        grant=a_grant(granted_at=NINE + 4 * MINUTE, expires_at=NINE + HOUR),
        revoke_since=NINE + HOUR,
    ),
    (),
    NINE + 2 * HOUR,
)
REPORT = summarise(
    FIGURES,
    asked=Period(NINE - 6 * DAY, NINE + 2 * HOUR),
    stuck=1,
    aged=(Aged("demo-api-key", "kv-demo", 2 * DAY), Aged("=cmd()", "kv-demo", None)),
)


def rows(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(figures_file(report).body.decode("utf-8-sig"))))


def about(what: str) -> list[dict[str, str]]:
    """Return the rows about something, without empty cells and what every row has."""
    every = {"period_from", "period_to", "counted_from", "not_readable", "about"}
    return [
        {name: cell for name, cell in row.items() if cell and name not in every}
        for row in rows(REPORT)
        if row["about"] == what
    ]


def test_each_week_has_its_figures() -> None:
    before, this_week = about("week")

    assert before == {
        "from": "2026-02-24T00:00:00+00:00",
        "count": "0",
        "requests": "0",
        "grants": "0",
    }
    assert this_week == {
        "from": "2026-03-02T00:00:00+00:00",
        "count": "1",
        "requests": "1",
        "grants": "1",
        "median_seconds": "180.0",
        "p95_seconds": "180.0",
        "p99_seconds": "180.0",
        "longest_seconds": "180.0",
    }


def test_lateness_is_in_seconds_and_in_bands() -> None:
    spread, *bands = about("lateness of revocations")

    assert spread["longest_seconds"] == "3600.0"
    assert [(band["name"], band["count"]) for band in bands] == [
        ("within 1 minute", "0"),
        ("within 5 minutes", "0"),
        ("within 1 hour", "1"),
        ("more than 1 hour", "0"),
    ]


def test_what_an_admin_closed_is_counted_by_itself() -> None:
    (closed,) = about("revocations closed by an admin, not confirmed")

    assert closed["count"] == "0"


def test_secrets_are_listed_by_age_and_no_name_is_a_formula() -> None:
    assert about("secret") == [
        {"name": "'=cmd()", "vault": "kv-demo"},
        {"name": "demo-api-key", "vault": "kv-demo", "age_seconds": "172800"},
    ]


def test_who_decided_is_there() -> None:
    [decider] = about("decider")

    assert (decider["name"], decider["approved"], decider["denied"]) == ("Ada Approver", "1", "0")


def test_a_file_says_since_when_it_counts_and_what_it_could_not_read() -> None:
    partial = replace(REPORT, unreadable=1)

    assert figures_file(REPORT).is_whole
    assert not figures_file(partial).is_whole
    assert {row["counted_from"] for row in rows(REPORT)} == {"2026-02-24T00:00:00+00:00"}


def test_drills_are_apart_from_what_people_did() -> None:
    lateness = spread_of({DAY: 1, timedelta(seconds=0.4): 1})
    counted = rows(replace(REPORT, drilled=Drilled(3, 2, lateness)))

    drills = [(row["name"], row["count"]) for row in counted if row["about"] == "drills"]
    [late] = [row for row in counted if row["about"] == "lateness of drills"]
    assert drills == [("succeeded", "2"), ("failed", "1")]
    measured = [late[name] for name in ("count", "p99_seconds", "longest_seconds")]
    assert measured == ["2", "86400.0", "86400.0"]
    assert about("drills") == []


def test_reads_without_a_grant_have_a_row_each() -> None:
    person = OutsideReader(
        secret="demo-api-key",
        vault="kv-demo",
        person=Person("id-2", "Eve Engineer"),
        count=3,
        first=NINE,
        last=NINE + HOUR,
    )
    application = replace(person, person=None, application="app-id")
    reads = OutsideReads(
        span=LogSpan(NINE, NINE),
        people=(person,),
        applications=(application, replace(application, is_latchkey=True)),
        known_until=NINE,
    )

    body = figures_file(REPORT, reads).body.decode("utf-8-sig")

    found = [
        (row["about"], row["name"], row["person_id"], row["secret"], row["count"], row["until"])
        for row in csv.DictReader(io.StringIO(body))
        if row["secret"]
    ]
    until = "2026-03-02T10:00:00+00:00"
    assert found == [
        ("read without a grant", "Eve Engineer", "id-2", "demo-api-key", "3", until),
        ("read by an application", "app-id", "", "demo-api-key", "3", until),
        ("read by an application", "Latchkey", "", "demo-api-key", "3", until),
    ]


def test_what_the_log_could_not_show_is_in_the_file() -> None:
    cut = OutsideReads(
        span=LogSpan(NINE, NINE), known_until=NINE, silent=("kv-demo",), is_whole=False
    )

    assert about_the_log(cut) == [
        ("may lack reads after this time", "", "2026-03-02T09:00:00+00:00"),
        ("no line at all", "kv-demo", ""),
        ("more than was counted", "", ""),
    ]
    assert about_the_log(replace(cut, is_partial=True))[-1] == ("answer incomplete", "", "")
    assert about_the_log(ReadsUnknown(AzureAnswer(403, "No"))) == [("not asked 403 No", "", "")]
    assert about_the_log(ReadsUnknown(AzureAnswer())) == [("not asked", "", "")]


def about_the_log(reads: OutsideReads | ReadsUnknown) -> list[tuple[str, str, str]]:
    body = figures_file(REPORT, reads).body.decode("utf-8-sig")
    return [
        (row["name"], row["vault"], row["from"])
        for row in csv.DictReader(io.StringIO(body))
        if row["about"] == "log of the vaults"
    ]
