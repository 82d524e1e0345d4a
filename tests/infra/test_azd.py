"""`azd up` finds what `azure.yaml` names.

Source of the rules: the schema that its first line names, and azd's own code
(github.com/Azure/azure-dev), which looks for a service's resource by its tag.
"""

import re

import pytest

from scripts import paths, verbs
from scripts.release import bundles
from tests.infra import bicep

TEXT = (paths.ROOT / "azure.yaml").read_text(encoding="utf-8")

# As in `cli/azd/pkg/project/framework_service.go`. It has `custom` too, but azd loads no project
# with that unless an alpha feature is on (`cli/azd/cmd/container.go`).
PYTHON = {"py", "python"}


def section(*keys: str) -> str:
    """Return what is below a path of keys, without its indentation."""
    text = TEXT
    for key in keys:
        [found] = re.findall(rf"^{key}:\n((?:  .*\n|\n)+)", text, re.MULTILINE)
        text = re.sub(r"^  ", "", found, flags=re.MULTILINE)
    return text


def keys(text: str) -> list[str]:
    """Return the keys of a section, without those below them."""
    return re.findall(r"^(\w+):", text, re.MULTILINE)


def value(text: str, name: str) -> str:
    """Return the value of one of a section's own keys."""
    [found] = re.findall(rf"^{name}: (.+)$", text, re.MULTILINE)
    return str(found)


def test_it_deploys_infra_with_the_example_that_people_fill_in() -> None:
    infra = section("infra")
    folder = paths.ROOT / value(infra, "path")

    assert folder == bicep.INFRA
    # azd takes the parameters beside the module of the same name.
    assert (folder / f"{value(infra, 'module')}.bicep").exists()
    assert (folder / f"{value(infra, 'module')}.bicepparam").exists()


def test_its_service_is_the_app_with_its_tag() -> None:
    [service] = keys(section("services"))

    assert f"'azd-service-name': '{service}'" in bicep.source("modules/app.bicep")
    assert value(section("services", service), "host") == "appservice"


def test_it_uploads_the_bundle() -> None:
    bot = section("services", "bot")

    assert paths.ROOT / value(bot, "project") / value(bot, "dist") == bundles.FOLDER


def test_it_needs_no_alpha_feature() -> None:
    assert value(section("services", "bot"), "language") in PYTHON


def test_the_bundle_is_made_whenever_azd_packages_the_bot() -> None:
    """A hook of the project isn't run by `azd deploy`, whose command isn't `package`."""
    assert keys(section("services", "bot", "hooks")) == ["prepackage"]
    assert keys(section("hooks")) == ["postdeploy"]


@pytest.mark.parametrize(("system", "python"), [("posix", "python3"), ("windows", "python")])
def test_its_hooks_start_commands_that_exist(system: str, python: str) -> None:
    bundling = section("services", "bot", "hooks", "prepackage", system)
    packaging = section("hooks", "postdeploy", system)

    commands = [value(hook, "run").split()[:3] for hook in (bundling, packaging)]
    assert commands == [
        [python, "scripts/dev.py", verbs.bundle.__name__],
        [python, "scripts/dev.py", verbs.package.__name__],
    ]


def test_the_package_for_teams_is_of_the_bot_in_infra() -> None:
    given = re.findall(r'--app-id (?:"\$|\$env:)(\w+)"?$', TEXT, re.MULTILINE)

    assert len(given) == 2
    assert set(given) <= bicep.outputs(bicep.source("main.bicep"))
