"""Formats of configured values."""

import pytest

from services import values


@pytest.mark.parametrize(
    "text", ["0 3 1 * *", "*/15 0-6 * JAN-MAR MON", "0 0 L * *", " 0  3 1 * * "]
)
def test_a_cron_expression_with_five_fields_is_accepted(text: str) -> None:
    assert values.cron(text) == " ".join(text.split())


@pytest.mark.parametrize("text", ["", "daily", "@daily", "0 3 1 *", "* * * * * *", "61 * * * *"])
def test_any_other_cron_expression_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a cron expression with five fields"):
        values.cron(text)


def test_an_expression_that_never_comes_due_is_refused() -> None:
    with pytest.raises(ValueError, match="and a next run"):
        values.cron("0 0 31 2 *")


@pytest.mark.parametrize(
    "text",
    [
        "http://example.com",
        "https://",
        "https://user:password@example.com",
        "https://example.com/?key=1",
        "https://example.com:0",
        "https://[",
    ],
)
def test_an_address_must_be_https_without_credentials(text: str) -> None:
    with pytest.raises(ValueError, match="an address like"):
        values.https_url(text)


GUID = "00000000-0000-4000-8000-00000000dead"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GUID, True),
        (GUID.upper(), True),
        (GUID.replace("-", ""), False),
        (f"{{{GUID}}}", False),
        ("ada@contoso.example", False),
        ("", False),
    ],
)
def test_an_object_id_is_distinguished_from_an_email(text: str, expected: bool) -> None:
    assert values.is_guid(text) is expected
