"""The pages for administrators and operators are correct."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from domain.access.request import AccessEvent
from domain.rotation.rotation import RotationEvent
from tests.infra import bicep

ROOT = bicep.INFRA.parent
DEPLOY = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
SOURCES = ("bot", "composition", "services")
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")


def test_the_deployed_files_are_all_that_the_bot_imports(tmp_path: Path) -> None:
    archive = re.search(r"git archive .* HEAD \\\n(?P<parts>.+)$", DEPLOY, re.MULTILINE)
    assert archive
    for part in archive["parts"].split():
        source = ROOT / part
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / part)

    # Isolated from the checkout, as its folders would be found otherwise.
    started = subprocess.run(
        [sys.executable, "-E", "-c", "import app"], cwd=tmp_path, capture_output=True, check=False
    )

    assert started.returncode == 0, started.stderr.decode()


def test_every_output_on_the_pages_exists_in_infra() -> None:
    asked_for = set(re.findall(r"\$\(out (\w+)\)", DEPLOY))

    assert asked_for == bicep.outputs(bicep.source("main.bicep"))


def test_every_parameter_on_the_pages_exists_in_infra() -> None:
    named = set(re.findall(r"`([a-z]+(?:[A-Z][a-z]+)+)`", DEPLOY + RUNBOOK))

    assert "grantedRoleId" in named
    assert named <= set(bicep.parameters(bicep.source("main.bicep")))


def test_the_runbook_lists_every_metric() -> None:
    made = re.compile(r"create_(?:counter|gauge|histogram|up_down_counter)\(\s*\"(\w+)\"")
    sources = [path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")]
    metrics = {name for path in sources for name in made.findall(path.read_text(encoding="utf-8"))}

    listed = RUNBOOK.partition("### Metrics")[2].partition("### Logs")[0]
    assert "latchkey_events" in metrics
    assert [name for name in sorted(metrics) if f"`{name}" not in listed] == []


def test_the_runbook_lists_every_counted_event() -> None:
    listed = RUNBOOK.partition("### Metrics")[2].partition("### Logs")[0]

    events = [*AccessEvent, *RotationEvent]
    assert [event for event in events if f"`{event}`" not in " ".join(listed.split())] == []
