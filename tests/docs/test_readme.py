"""What the README promises: a short page, with two commands that exist."""

import re

from scripts import verbs
from tests.docs import pages

TEXT = pages.README.read_text(encoding="utf-8")
TRY_IT = TEXT.partition("## Try it")[2].partition("\n## ")[0]


def test_two_commands_are_enough_to_start() -> None:
    commands = re.findall(r"^    make (\w+)$", TRY_IT, re.MULTILINE)

    assert commands == [verbs.run.__name__, verbs.test.__name__]


def test_it_says_what_latchkey_is_in_five_lines_and_shows_it() -> None:
    what, picture = TEXT.split("\n\n")[1:3]

    assert len(what.splitlines()) <= 5
    assert picture.startswith("![")


def test_reference_is_left_to_the_other_pages() -> None:
    assert len(TEXT.splitlines()) < 120
