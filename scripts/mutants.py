"""Change the rules, one expression at a time, and list the changes that no test notices.

mutmut makes the changes ("mutants") and runs the tests that reach each one. A mutant that no test
notices has survived: either a test is missing, or the change makes no difference. Those that make
none are explained in `tests/explained_mutants.toml`; any other ends this with an error.

    python scripts/dev.py mutants                    # every part
    python scripts/dev.py mutants domain/audit
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from scripts import paths

WORK = paths.LOCAL / "mutants"
EXPLAINED = paths.ROOT / "tests" / "explained_mutants.toml"

_KILLED = ("killed", "timeout", "caught by type check")


class Part(NamedTuple):
    """Some code, and the tests that are to notice any change to it."""

    code: str
    tests: tuple[str, ...]
    without: tuple[str, ...] = ()
    """Files of that code that are another part, or have no rules."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are changed."""
        pattern = self.code if self.code.endswith(".py") else f"{self.code}/**/*.py"
        left_out = {path for each in self.without for path in paths.ROOT.glob(each)}
        return tuple(sorted({*paths.ROOT.glob(pattern)} - left_out))


_TESTED_ALONE = (
    "announcement",
    "backoff",
    "days",
    "diagnosis",
    "durations",
    "names",
    "people",
    "phrases",
    "reasons",
    "secret_address",
    "secrets",
    "shared_rate",
    "start_times",
    "time_zones",
    "typed",
    "unknown_outcome",
    "visible",
)

PARTS = (
    Part(
        "domain/*.py",
        tuple(f"tests/domain/test_{name}.py" for name in _TESTED_ALONE),
        without=("domain/*/*",),
    ),
    Part("domain/access", ("tests/domain/access",)),
    Part("domain/audit", ("tests/domain/audit",)),
    Part("domain/checkpoints", ("tests/domain/checkpoints",)),
    Part("domain/counters", ("tests/domain/counters",)),
    Part("domain/drill", ("tests/domain/drill",)),
    Part("domain/erasure", ("tests/domain/erasure",)),
    Part(
        "domain/policies",
        ("tests/domain/policies",),
        without=("domain/policies/patterns.py",),
    ),
    Part("domain/policies/patterns.py", ("tests/domain/policies/test_patterns.py",)),
    Part("domain/policy_file", ("tests/domain/policy_file",)),
    Part("domain/reconciliation", ("tests/domain/reconciliation",)),
    Part("domain/retention", ("tests/domain/retention",)),
    Part("domain/rotation", ("tests/domain/rotation",)),
    Part(
        "services/workflow/engine.py",
        (
            "tests/services/workflow/test_changes_meanwhile.py",
            "tests/services/workflow/test_engine.py",
            "tests/services/workflow/test_engine_moves.py",
            "tests/services/workflow/test_recovery.py",
            "tests/services/workflow/test_unclaimed_moves.py",
        ),
    ),
)
"""What is mutated; another part is added with the tests or explanations for its survivors."""


class Change(NamedTuple):
    """A mutant by what it changes, since the numbers that mutmut gives them move."""

    function: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.function}\n    - {self.before}\n    + {self.after}"


class Result(NamedTuple):
    """What became of the mutants of a part: how many ended in which way, and the survivors."""

    part: Part
    ended: Counter[str]
    survivors: tuple[Change, ...]


def main(arguments: Sequence[str]) -> int:
    """Mutate the parts with these names, or all; return 1 if a survivor isn't explained."""
    wanted = [part for part in PARTS if not arguments or part.code in arguments]
    unknown = set(arguments) - {part.code for part in PARTS}
    if unknown:
        print(f"No such part: {', '.join(sorted(unknown))}. See PARTS in {__file__}.")
        return 2
    explained = explanations()
    results = [_mutated(part) for part in wanted]
    print("\n".join(table(results, explained)))
    left = [one for result in results for one in result.survivors if one not in explained]
    for change in left:
        print(f"\nNo test notices this, and nothing explains it: {change}")
    return 1 if left else 0


def explanations() -> dict[Change, str]:
    """Read why some mutants make no difference."""
    whole = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))
    return {Change(one["in"], one["from"], one["to"]): one["why"] for one in whole["mutant"]}


def table(results: Iterable[Result], explained: dict[Change, str]) -> Iterator[str]:
    """Return the results as a table in Markdown."""
    yield "| Code | Mutants | Noticed | Not reached | Explained | Left |"
    yield "|---|---|---|---|---|---|"
    for part, ended, survivors in results:
        noticed = sum(ended[how] for how in _KILLED)
        known = sum(one in explained for one in survivors)
        yield (
            f"| `{part.code}` | {ended.total()} | {noticed} | {ended['no tests']} | {known} "
            f"| {len(survivors) - known} |"
        )


def change_of(name: str, shown: str) -> Change:
    """Return what a mutant changes, from its name and its diff as mutmut shows them."""
    module, _, mangled = name.partition(".x")
    function = re.sub(r"__mutmut_\d+$", "", mangled).removeprefix("_")
    diff = [line for line in shown.splitlines() if line[:3] not in ("---", "+++")]
    before, after = (
        "\n".join(line[1:].strip() for line in diff if line.startswith(sign)) for sign in "-+"
    )
    return Change(f"{module}.{function.strip('ǁ').replace('ǁ', '.')}", before, after)


def _mutated(part: Part) -> Result:
    folder = _copied(part)
    print(f"{part.code}: changing it, in {folder} …", flush=True)
    subprocess.run([*_MUTMUT, "run"], cwd=folder, check=True, env=os.environ | _QUICK)
    listed = _said(folder, "results", "--all", "true")
    found = [
        (name, how) for name, _, how in (line.strip().partition(": ") for line in listed) if how
    ]
    survivors = [name for name, how in found if how not in (*_KILLED, "no tests", "skipped")]
    changes = (change_of(name, "\n".join(_said(folder, "show", name))) for name in survivors)
    return Result(part, Counter(how for _, how in found), tuple(changes))


def _copied(part: Part) -> Path:
    """Copy what git knows, with mutmut's settings for a part; mutmut writes next to it."""
    folder = WORK / part.code.replace("/", "-")
    shutil.rmtree(folder, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=paths.ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in listed.stdout.splitlines():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(paths.ROOT / name, target)
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write(_settings(part))
    return folder


def _settings(part: Part) -> str:
    is_file = part.code.endswith(".py")
    source = part.code.rpartition("/")[0] if is_file else part.code
    return f"""
[tool.mutmut]
source_paths = [{source!r}]
only_mutate = [{part.code if is_file else part.code + "/*"!r}]
do_not_mutate = {list(part.without)!r}
pytest_add_cli_args_test_selection = {list(part.tests)!r}
pytest_add_cli_args = ["-k", "not azurite", "-p", "pytest_asyncio.plugin"]
also_copy = ["."]
use_git_change_detection = false
timeout_multiplier = {_PATIENCE}
"""


def _said(folder: Path, *arguments: str) -> list[str]:
    done = subprocess.run(
        [*_MUTMUT, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.splitlines()


_MUTMUT = (sys.executable, "-m", "mutmut")
_PATIENCE = 3
"""How many times as long as usual tests may take before they count as hanging. With mutmut's own
15, each hang takes minutes."""
_QUICK = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Looking for plugins is half of what pytest costs for each mutant."""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
