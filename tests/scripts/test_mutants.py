"""What the mutation tests print, and the explanations of mutants that make no difference."""

from collections import Counter
from pathlib import Path

import pytest

from scripts import mutants, paths
from scripts.mutants import PARTS, Change, Part, Result

SHOWN = """\
# domain.audit.intervals.x__months_after__mutmut_4: survived
--- domain/audit/intervals.py
+++ domain/audit/intervals.py
@@ -1,5 +1,5 @@
 def _months_after(start: datetime) -> Iterator[datetime]:
-    edge = _midnight(start).replace(day=1)
+    edge = _midnight(start).replace(day=2)
     while True:
"""


@pytest.mark.parametrize(
    ("name", "function"),
    [
        (
            "domain.audit.intervals.x__months_after__mutmut_4",
            "domain.audit.intervals._months_after",
        ),
        ("domain.audit.report.x_summarise__mutmut_12", "domain.audit.report.summarise"),
        (
            "domain.audit.access_review.xǁTallyǁ_holding__mutmut_3",
            "domain.audit.access_review.Tally._holding",
        ),
    ],
)
def test_a_mutant_is_known_by_what_it_changes(name: str, function: str) -> None:
    change = mutants.change_of(name, SHOWN)

    assert change == Change(
        function,
        "edge = _midnight(start).replace(day=1)",
        "edge = _midnight(start).replace(day=2)",
    )


@pytest.mark.parametrize("change", mutants.explanations(), ids=lambda one: one.function)
def test_what_is_explained_is_still_in_the_code(change: Change) -> None:
    changed = {file for part in PARTS for file in part.files}
    [source] = [one for one in changed if change.function.startswith(f"{_module(one)}.")]
    lines = {line.strip() for line in source.read_text().splitlines()}

    assert set(change.before.splitlines()) - lines == set()
    assert mutants.explanations()[change]


def _module(file: Path) -> str:
    return ".".join(file.relative_to(paths.ROOT).with_suffix("").parts)


def test_survivors_are_explained_or_left() -> None:
    known, new = Change("a.f", "x = 1", "x = 2"), Change("a.g", "y = 1", "y = 2")
    ended = Counter({"killed": 5, "timeout": 1, "survived": 2, "no tests": 3})

    *_, row = mutants.table([Result(Part("a", ()), ended, (known, new))], {known: "no difference"})

    assert row == "| `a` | 11 | 6 | 3 | 1 | 1 |"


def test_a_part_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert mutants.main(["domain/nothing"]) == 2
    assert "No such part: domain/nothing" in capsys.readouterr().out


def test_the_parts_and_their_tests_exist() -> None:
    for part in PARTS:
        assert part.files
        for name in (*part.tests, *part.without):
            assert [*paths.ROOT.glob(name)]
