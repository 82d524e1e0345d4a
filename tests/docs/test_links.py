"""Links between the pages lead somewhere, and each page can be found from the README."""

from pathlib import Path

import pytest

from tests.docs import pages


@pytest.mark.parametrize(
    "page", pages.PAGES, ids=[str(each.relative_to(pages.ROOT)) for each in pages.PAGES]
)
def test_each_link_leads_somewhere(page: Path) -> None:
    broken = [link for link in pages.links(page) if not pages.leads_somewhere(page, link)]

    assert broken == []


def test_the_readme_names_each_page_in_docs() -> None:
    named = {(pages.ROOT / link.partition("#")[0]).resolve() for link in pages.links(pages.README)}

    written = {*(pages.ROOT / "docs").glob("*.md"), *(pages.ROOT / "docs").glob("*.toml")}
    assert {page.name for page in written - named} == set()
