from datetime import timedelta

import pytest

from services.retry_after import retry_after


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Retry-After": "17"}, timedelta(seconds=17)),
        ({"retry-after": "0"}, timedelta()),
        ({"Retry-After": "1.5"}, timedelta(seconds=1.5)),
        ({"retry-after-ms": "250"}, timedelta(milliseconds=250)),
        ({"x-ms-retry-after-ms": "1500"}, timedelta(seconds=1.5)),
        ({"x-ms-retry-after-ms": "1500", "Retry-After": "2"}, timedelta(seconds=1.5)),
        (
            {
                "Date": "Sun, 01 Mar 2026 12:00:00 GMT",
                "Retry-After": "Sun, 01 Mar 2026 12:02:30 GMT",
            },
            timedelta(seconds=150),
        ),
        (
            {
                "Date": "Sun, 01 Mar 2026 12:00:00 GMT",
                "Retry-After": "Sun, 01 Mar 2026 11:00:00 GMT",
            },
            timedelta(),
        ),
        ({"Retry-After": "Sun, 01 Mar 2026 12:02:30 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "9" * 400}, None),
        ({}, None),
    ],
)
def test_how_long_a_service_wants_to_be_left_alone(
    headers: dict[str, str], expected: timedelta | None
) -> None:
    assert retry_after(headers) == expected
