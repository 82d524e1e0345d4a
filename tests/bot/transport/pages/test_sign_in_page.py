"""The page after a sign-in: whatever is in its texts, it stays text."""

import re
from base64 import b64encode
from hashlib import sha256

from bot.transport.pages.sign_in_page import HEADERS, sign_in_page
from cards.languages.language import LANGUAGES, speaking

HOSTILE = "<script>alert('1')</script> & \"quoted\" <img src=x onerror=y>"


def test_text_from_people_is_never_markup() -> None:
    page = sign_in_page(HOSTILE, HOSTILE)

    assert "<script" not in page
    assert "<img" not in page
    assert page.count("&lt;script&gt;") == 3  # the tab's title, the heading and the sentence


def test_the_policy_allows_the_one_style_of_the_page_and_nothing_else() -> None:
    [style] = re.findall(r"<style>(.*)</style>", sign_in_page("Confirmed", "Fine."))
    digest = b64encode(sha256(style.encode()).digest()).decode()

    assert HEADERS["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"https?:|src=|href=|style=", sign_in_page("Confirmed", "Fine."))


def test_the_page_names_its_language() -> None:
    english = sign_in_page("Confirmed", "Fine.")
    with speaking(LANGUAGES["de"]):
        german = sign_in_page("Bestätigt", "Gut.")

    assert '<html lang="en">' in english
    assert '<html lang="de">' in german
