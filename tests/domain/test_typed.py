"""What people typed is shortened in records only, and that shows."""

import pytest

from domain.typed import shortened


@pytest.mark.parametrize(("text", "shown"), [("", ""), ("abc", "abc"), ("abcd", "ab…")])
def test_a_text_that_is_too_long_ends_with_a_sign_of_it(text: str, shown: str) -> None:
    assert shortened(text, 3) == shown
