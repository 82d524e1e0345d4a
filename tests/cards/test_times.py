"""Moments on cards."""

from datetime import UTC, datetime, timedelta, timezone

from cards.times import local, utc


def test_a_moment_is_said_in_utc_whatever_zone_it_came_in() -> None:
    moment = datetime(2026, 11, 1, 1, 5, 59, tzinfo=timezone(timedelta(hours=2)))

    assert utc(moment) == "31 Oct 2026, 23:05 UTC"


def test_a_local_moment_has_no_fraction_which_a_client_would_not_read() -> None:
    moment = datetime(2026, 11, 1, 1, 5, 59, 123456, tzinfo=UTC)

    assert local(moment) == "{{DATE(2026-11-01T01:05:59Z, COMPACT)}} {{TIME(2026-11-01T01:05:59Z)}}"
