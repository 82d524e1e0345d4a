"""The pages for administrators, operators and contributors are correct."""

import re
from pathlib import Path

from scripts.release import bundles
from services.workflow.event_kinds import EVENTS
from tests.infra import bicep

ROOT = bicep.INFRA.parent
DEPLOY = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
SOURCES = ("bot", "composition", "services")
RECIPES = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")

# Source: Microsoft Learn, "Microsoft Graph permissions reference", application permissions.
PERMISSIONS = {
    "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
    "GroupMember.Read.All": "98830695-27a2-44f7-8c18-0c3ebc9698f6",
    "Member.Read.Hidden": "658aa5d8-239f-45c4-aa12-864f4fc7e490",
    "Application.ReadWrite.OwnedBy": "18a4783c-866b-4cc7-a460-3d5e5662c884",
}

_TYPE = re.compile(r"^resource \w+ '([\w.]+/[\w/]+)@", re.MULTILINE)
_STEPS = re.compile(r"\n\s*\n|\n(?=\d+\. )")
_QUOTED = re.compile(r"`([^`]+)`")
_PATH = re.compile(r"(?!/)[\w./-]*(?:/|\.(?:py|md|toml|json|txt))[\w./-]*")
_IDENTIFIER = re.compile(r"[A-Za-z_][\w.]*")


def test_the_pages_deploy_all_that_the_bot_needs() -> None:
    archive = re.search(r"git archive .* HEAD \\\n(?P<parts>.+)$", DEPLOY, re.MULTILINE)

    assert archive
    assert archive["parts"].split() == list(bundles.PARTS)


def test_every_output_on_the_pages_exists_in_infra() -> None:
    asked_for = set(re.findall(r"\$\(out (\w+)\)", DEPLOY))

    assert asked_for == bicep.outputs(bicep.source("main.bicep"))


def test_every_parameter_on_the_pages_exists_in_infra() -> None:
    named = set(re.findall(r"`([a-z]+(?:[A-Z][a-z]+)+)`", DEPLOY + RUNBOOK))

    assert "grantedRoleId" in named
    assert named <= set(bicep.parameters(bicep.source("main.bicep")))


def test_every_provider_that_infra_uses_is_to_be_registered() -> None:
    types = {each for path in bicep.INFRA.rglob("*.bicep") for each in _TYPE.findall(_read(path))}

    listed = set(re.findall(r"`(Microsoft\.\w+)`", DEPLOY.partition("--namespace")[0]))
    # The vault is there already, and Azure registers the other one itself.
    others = {"Microsoft.KeyVault", "Microsoft.Authorization"}
    assert listed == {each.partition("/")[0] for each in types} - others


def test_every_permission_in_graph_that_is_named_can_be_given() -> None:
    table = DEPLOY.partition("And these, which you give in Microsoft Graph")[2]
    named = set(re.findall(r"^\| `(\w+\.[\w.]+)`", table, re.MULTILINE))

    given = [line for line in DEPLOY.splitlines() if "give " in line]
    assert named == set(PERMISSIONS)
    assert [one for one in PERMISSIONS.values() if one not in "\n".join(given)] == []


def test_the_runbook_lists_every_metric() -> None:
    made = re.compile(r"create_(?:\w*counter|\w*gauge|histogram)\(\s*\"(\w+)\"")
    sources = [path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")]
    metrics = {name for path in sources for name in made.findall(path.read_text(encoding="utf-8"))}

    listed = RUNBOOK.partition("### Metrics")[2].partition("### Logs")[0]
    assert "latchkey_events" in metrics
    assert [name for name in sorted(metrics) if f"`{name}" not in listed] == []


def test_the_runbook_lists_every_counted_event() -> None:
    listed = RUNBOOK.partition("### Metrics")[2].partition("### Logs")[0]

    names = " ".join(listed.split())
    kinds = {kind: f'workflow="{kind}"' for kind in EVENTS}
    assert [kind for kind, label in kinds.items() if label not in names] == []
    events = {event for events in EVENTS.values() for event in events}
    assert sorted(event for event in events if f"`{event}`" not in names) == []


def test_every_file_in_the_recipes_exists() -> None:
    paths = [each for each in _QUOTED.findall(RECIPES) if _PATH.fullmatch(each)]

    assert len(paths) > 50
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_name_in_the_recipes_is_in_a_file_of_its_step() -> None:
    missing = [
        (name, named)
        for step in _STEPS.split(RECIPES)
        if (named := [path for path in _QUOTED.findall(step) if _PATH.fullmatch(path)])
        for name in _QUOTED.findall(step)
        if _IDENTIFIER.fullmatch(name) and not _PATH.fullmatch(name)
        if not re.search(rf"\b{re.escape(name)}\b", _text_of(named))
    ]

    assert missing == []


def test_every_module_that_the_recipes_run_exists() -> None:
    modules = re.findall(r"`python -m ([\w.]+)`", RECIPES)

    assert modules
    assert [one for one in modules if not (ROOT / f"{one.replace('.', '/')}.py").exists()] == []


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _text_of(paths: list[str]) -> str:
    """Return the text of files, and of the Python files in folders."""
    files = [
        file
        for path in paths
        for file in ((ROOT / path).rglob("*.py") if path.endswith("/") else [ROOT / path])
    ]
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.suffix != ".json")
