"""Generated parts of pages."""

import pytest

from scripts import markdown

PAGE = "Before\n<!-- one -->\nstale\n<!-- end of one -->\nafter\n"


def test_only_what_is_between_the_comments_changes() -> None:
    filled = markdown.fill(PAGE, "one", "new \\1\n")

    assert filled == "Before\n<!-- one -->\nnew \\1\n<!-- end of one -->\nafter\n"


@pytest.mark.parametrize(("page", "times"), [("Before\nafter\n", 0), (PAGE * 2, 2)])
def test_a_page_must_have_the_place_once(page: str, times: int) -> None:
    with pytest.raises(ValueError, match=f"the page has {times} places for one, not one"):
        markdown.fill(page, "one", "new\n")


def test_a_line_in_a_cell_does_not_end_the_cell() -> None:
    assert markdown.table(("Form", "Meaning"), [("`a|b`", "either")]) == (
        "| Form | Meaning |\n|---|---|\n| `a\\|b` | either |\n"
    )
