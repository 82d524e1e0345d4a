"""`azd up` finds what `azure.yaml` names.

Source of the rules: the schema that its first line names, and azd's own code
(github.com/Azure/azure-dev), which looks for a service's resource by its tag.
"""

import re

import pytest

from scripts import bundles, paths, verbs
from tests.infra import bicep

TEXT = (paths.ROOT / "azure.yaml").read_text(encoding="utf-8")


def value(name: str) -> str:
    """Return the value of a key that is there once."""
    [found] = re.findall(rf"^ *{name}: (.+)$", TEXT, re.MULTILINE)
    return str(found)


def test_it_deploys_infra_with_the_example_that_people_fill_in() -> None:
    folder = paths.ROOT / value("path")

    assert folder == bicep.INFRA
    # azd takes the parameters beside the module of the same name.
    assert (folder / f"{value('module')}.bicep").exists()
    assert (folder / f"{value('module')}.bicepparam").exists()


def test_its_service_is_the_app_with_its_tag() -> None:
    [service] = re.findall(r"^services:\n  (\w+):$", TEXT, re.MULTILINE)

    assert f"'azd-service-name': '{service}'" in bicep.source("modules/app.bicep")
    assert value("host") == "appservice"


def test_it_uploads_the_bundle() -> None:
    assert paths.ROOT / value("project") / value("dist") == bundles.FOLDER
    assert value("language") == "custom"


@pytest.mark.parametrize(("system", "python"), [("posix", "python3"), ("windows", "python")])
def test_its_hooks_start_commands_that_exist(system: str, python: str) -> None:
    runs = re.findall(rf"{system}:\n +shell: \w+\n +run: (.+)$", TEXT, re.MULTILINE)

    commands = [run.split()[:3] for run in runs]
    assert commands == [
        [python, "scripts/dev.py", verbs.bundle.__name__],
        [python, "scripts/dev.py", verbs.package.__name__],
    ]


def test_the_package_for_teams_is_of_the_bot_in_infra() -> None:
    given = re.findall(r'--app-id (?:"\$|\$env:)(\w+)"?$', TEXT, re.MULTILINE)

    assert len(given) == 2
    assert set(given) <= bicep.outputs(bicep.source("main.bicep"))
