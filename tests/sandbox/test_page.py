"""The page's files: nothing from elsewhere, every part named, and text that can be read."""

import re
from pathlib import Path

import pytest

PAGE = Path("sandbox") / "page"
HTML, CSS, SCRIPT = (
    (PAGE / name).read_text(encoding="utf-8") for name in ("page.html", "page.css", "page.js")
)
GROUNDS = {"good": "good-ground", "warn": "warn-ground", "bad": "bad-ground"}


def colours(*, dark: bool) -> dict[str, str]:
    light, _, after = CSS.partition("prefers-color-scheme: dark")
    variables = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
    found = dict(variables.findall(light))
    return {**found, **dict(variables.findall(after))} if dark else found


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours. Source: WCAG 2.2, "relative luminance"."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_the_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_can_be_read_on_what_is_behind_it(*, dark: bool) -> None:
    known = colours(dark=dark)
    pairs = [(ink, ground) for ink in ("ink", "soft") for ground in ("ground", "surface")]
    pairs += [*GROUNDS.items(), *((ink, "surface") for ink in GROUNDS), ("bad", "ground")]

    weak = {pair: contrast(known[pair[0]], known[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("dark", [False, True])
def test_the_edge_of_a_button_can_be_seen(*, dark: bool) -> None:
    known = colours(dark=dark)

    assert contrast(known["control"], known["surface"]) >= 3
    assert contrast(known["accent"], known["surface"]) >= 3


def test_text_has_one_of_the_colours_that_were_checked() -> None:
    used = set(re.findall(r"(?<![\w-])color: var\(--([\w-]+)\)", CSS))

    assert used <= {"ink", "soft", *GROUNDS}


def test_nothing_is_loaded_from_elsewhere() -> None:
    loaded = re.findall(r"(?:src|href)=\"([^\"]*)\"|url\(([^)]*)\)|@import", HTML + CSS)
    fetched = re.findall(r"fetch\([`\"]([^`\"]*)", SCRIPT)

    assert {one or other for one, other in loaded} == {
        "data:,",
        "/sandbox/page.css",
        "/sandbox/page.js",
    }
    assert all(address.startswith("/sandbox/") for address in fetched)
    assert "default-src 'self'; img-src data:" in HTML


def test_every_section_is_named_by_its_heading() -> None:
    titles = re.findall(r"<section aria-labelledby=\"([\w-]+)\"", HTML)

    assert len(titles) == HTML.count("<section") == 8
    assert [f'<h2 id="{title}">' in HTML for title in titles] == [True] * len(titles)


def test_text_is_never_parsed_as_html() -> None:
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", SCRIPT) == []
