"""The history cards."""

from dataclasses import replace
from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.access.event_card import audit_card
from cards.audit.history_card import HistoryPages, history_card
from cards.audit.report_card import report_card
from cards.audit.report_charts import age_chart, lateness_chart
from cards.audit.timeline_card import timeline_card
from cards.audit.verdict_card import verdict_card
from cards.languages.language import LANGUAGES, speaking
from cards.rotation.event_card import rotation_audit_card
from domain.audit.history import Recorded
from domain.audit.report import Drilled
from domain.audit.spread import Spread
from domain.reconciliation import orphan as change
from tests.cards.history_scenarios import BROKEN, QUIET, REPORT, UNBROKEN
from tests.cards.orphan_scenarios import FOUND
from tests.cards.reading_cards import texts, whole_text
from tests.cards.rotation_scenarios import ROTATION_EVENTS, ROTATIONS, STEP_EVENTS
from tests.cards.scenarios import EVENTS, NOW, REQUESTS, minutes
from tests.support.reading import buttons

PAGES = HistoryPages(this="opaque", first="opaque", following="opaque")


def test_a_page_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    rotation = next(iter(ROTATIONS.values()))
    heads: list[Recorded] = [REQUESTS["revoked"], REQUESTS["denied"], rotation]

    assert history_card(heads, PAGES, since=None) == card_snapshot


def test_a_page_is_drawn_in_german(card_snapshot: SnapshotAssertion) -> None:
    heads: list[Recorded] = [*REQUESTS.values(), *ROTATIONS.values(), FOUND]

    with speaking(LANGUAGES["de"]):
        drawn = history_card(heads, PAGES, since=NOW)

    assert drawn == card_snapshot


def test_an_empty_list_says_so_and_has_no_next_page() -> None:
    drawn = history_card([], HistoryPages(this="opaque"), since=NOW)

    assert texts(drawn) == [
        "History",
        "Since 21 Nov 2026, 14:05 UTC, newest first",
        "There is nothing to show.",
    ]
    assert "actions" not in drawn


def test_a_timeline_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    events = [EVENTS[name][1] for name in ("requested", "approved", "granted", "revoked")]

    assert timeline_card(REQUESTS["revoked"], events) == card_snapshot


def test_a_timeline_frames_its_events_in_german() -> None:
    events = [EVENTS[name][1] for name in ("requested", "approved, confirmed")]

    with speaking(LANGUAGES["de"]):
        drawn = timeline_card(REQUESTS["revoked"], events * 20, back="opaque")

    seen = texts(drawn)
    assert seen[:4] == [
        "Verlauf · Zugriffsanfrage",
        "40 Ereignisse",
        "demo-api-key",
        "21. Nov. 2026, 14:05 UTC · Dana Developer",
    ]
    assert seen[5].startswith("14:09:00 UTC · Ada Approver · bestätigt durch Anmeldung: 21. Nov.")
    assert seen[-3] == "… und 15 weitere. Ein Export enthält alle."
    assert list(buttons(drawn)) == ["Zurück zur Liste"]


def test_a_timeline_of_a_rotation_is_drawn_in_german(card_snapshot: SnapshotAssertion) -> None:
    with speaking(LANGUAGES["de"]):
        drawn = timeline_card(ROTATIONS["propagating"], STEP_EVENTS)

    assert drawn == card_snapshot


def test_a_timeline_from_a_list_leads_back_to_its_page() -> None:
    events = [EVENTS["requested"][1]]

    drawn = buttons(timeline_card(REQUESTS["active"], events, back="opaque"))

    assert drawn["Back to the list"]["data"] == {"cursor": "opaque"}
    assert buttons(timeline_card(REQUESTS["active"], events)) == {}


def test_each_row_leads_to_its_details() -> None:
    details = buttons(history_card([REQUESTS["revoked"]], PAGES, since=None))["Details"]

    assert details["data"] == {"workflow": "req-01jd7q3v9k", "cursor": "opaque"}


def test_a_timeline_names_the_actor_or_latchkey() -> None:
    events = [EVENTS[name][1] for name in ("requested", "granted")]

    seen = texts(timeline_card(REQUESTS["active"], events))

    assert "21 Nov 2026, 14:05 UTC · Dana Developer" in seen
    assert "14:10:00 UTC · Latchkey" in seen


def test_the_timeline_of_a_rotation_includes_its_steps() -> None:
    seen = texts(timeline_card(ROTATIONS["propagating"], STEP_EVENTS))

    assert "Capture done: Version 3f0c1a2b is current" in seen
    assert (
        "Propagate retried: App Service still refuses this: 403 AuthorizationFailed. "
        "New permissions take a few minutes to take effect"
    ) in seen


def test_a_very_long_timeline_counts_the_rest() -> None:
    events = [EVENTS["requested"][1]] * 40

    assert "… and 15 more. An export has them all." in texts(
        timeline_card(REQUESTS["active"], events)
    )


def test_the_timeline_of_an_orphan_includes_events_without_a_message() -> None:
    found, spared = change.find(FOUND), change.spare(FOUND, minutes(1))

    seen = texts(timeline_card(FOUND, [*found.events, *spared.events]))

    assert seen[0] == "History · Orphaned access"
    assert "Orphaned access found, being removed." in seen
    assert "A grant now covers this access, so it was left alone." in seen


def test_an_orphan_is_listed_by_its_description_in_azure() -> None:
    seen = texts(history_card([FOUND], PAGES, since=None))

    assert seen[2].startswith("Latchkey req-01jd7q3v9k")
    assert seen[3:5] == [" orphaned access", "  revoking"]


def test_an_unbroken_chain_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert verdict_card("req-01jd7q3v9k", UNBROKEN) == card_snapshot


def test_a_broken_chain_says_where_and_shows_no_fingerprint() -> None:
    seen = texts(verdict_card("req-01jd7q3v9k", BROKEN))

    assert seen[:2] == ["Evidence", "Broken: event 3 was removed"]
    assert "0123-4567" not in " ".join(seen)


def test_a_verdict_says_the_same_in_german_and_in_files_stays_english() -> None:
    with speaking(LANGUAGES["de"]):
        seen = texts(verdict_card("req-01jd7q3v9k", BROKEN))

    assert seen[:2] == ["Nachweis", "Nicht intakt: Ereignis 3 wurde entfernt"]
    assert str(BROKEN.sentence) == "broken: event 3 was removed"


def test_a_report_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert report_card(REPORT) == card_snapshot


def test_a_report_is_drawn_in_german(card_snapshot: SnapshotAssertion) -> None:
    with speaking(LANGUAGES["de"]):
        drawn = report_card(REPORT)

    assert drawn == card_snapshot


def test_a_report_of_a_quiet_month_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert report_card(QUIET) == card_snapshot


def test_a_report_says_since_when_it_counts_and_what_it_could_not_read() -> None:
    words = whole_text(report_card(REPORT))

    assert "Whole days in UTC are counted, since 22 Oct 2026, 00:00 UTC." in words
    assert "2 couldn't be read and aren't counted." in words
    assert "couldn't be read" not in whole_text(report_card(QUIET))


def test_an_audit_message_ends_with_the_fingerprint_of_its_event() -> None:
    request, event = EVENTS["revoked"]
    rotation, step = next(iter(ROTATION_EVENTS.values()))
    link = "0123456789abcdef" * 4

    for drawn in (
        audit_card(request, event, 6, link),
        rotation_audit_card(rotation, step, 6, link),
    ):
        assert texts(drawn)[-1] == " · event 6 · fingerprint 0123-4567-89ab-cdef-0123"


@pytest.mark.parametrize(("days", "is_drawn"), [(0, False), (3, True)])
def test_ages_are_drawn_once_one_of_them_is_a_day(days: int, is_drawn: bool) -> None:
    youngest = replace(REPORT.oldest[0], age=timedelta(days=days, hours=1))

    drawn = age_chart(replace(REPORT, oldest=(youngest,)))

    assert bool(drawn) is is_drawn


@pytest.mark.parametrize(("late", "charts"), [((0, 0, 0, 0), 0), ((0, 1, 0, 0), 1)])
def test_lateness_that_nobody_saw_is_no_chart(late: tuple[int, ...], charts: int) -> None:
    assert len(lateness_chart(replace(REPORT, late=late))) == charts


def test_a_report_says_how_late_the_access_of_drills_ended() -> None:
    tenth = timedelta(milliseconds=100)
    lateness = Spread(24, 4 * tenth, 12 * tenth, 20 * tenth, timedelta(minutes=2))

    drawn = texts(report_card(replace(REPORT, drilled=Drilled(24, 23, lateness))))

    assert "23 of 24 drills succeeded" in drawn
    assert "gone 0.4 seconds after the end, 99 % within 2.0 seconds, at most 2 minutes" in drawn
