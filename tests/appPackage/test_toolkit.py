"""The Microsoft 365 Agents Toolkit finds what `m365agents.yml` names.

Source of the rules: the schema that its first line names (github.com/microsoft/json-schemas), and
Microsoft Learn, "Microsoft 365 Agents Toolkit: provision cloud resources".
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from scripts import paths
from scripts.release import app_package
from tests.appPackage.yaml import read_yaml

Json = dict[str, Any]

FILE = paths.ROOT / "m365agents.yml"
TEXT = FILE.read_text(encoding="utf-8")
PLACEHOLDER = re.compile(r"\$\{\{(\w+)\}\}")
PARAMETERS = {
    "teamsApp/create": {"name"},
    "teamsApp/validateManifest": {"manifestPath"},
    "teamsApp/zipAppPackage": {"manifestPath", "outputZipPath", "outputFolder"},
    "teamsApp/validateAppPackage": {"appPackagePath"},
    "teamsApp/update": {"appPackagePath"},
    "teamsApp/publishAppPackage": {"appPackagePath"},
}
OUTPUTS = {
    "teamsApp/create": {"teamsAppId"},
    "teamsApp/publishAppPackage": {"publishedAppId"},
}
BUILT = "./appPackage/build"


def project() -> Json:
    content: Json = read_yaml(TEXT)
    return content


def steps() -> Iterator[Json]:
    yield from project()["provision"]
    yield from project()["publish"]


def environment() -> dict[str, str]:
    lines = (paths.ROOT / "env" / ".env.dev").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_its_version_is_that_of_its_schema() -> None:
    version = project()["version"]

    assert f"/m365-agents-toolkits/{version}/yaml.schema.json" in TEXT.splitlines()[0]
    assert version == "v1.11"


def test_it_has_no_other_parts_than_the_toolkit_knows() -> None:
    assert set(project()) == {"version", "environmentFolderPath", "provision", "publish"}


def test_each_step_has_the_parameters_and_outputs_of_its_action() -> None:
    for step in steps():
        action = step["uses"]
        expected = {"uses", "with"} | ({"writeToEnvironmentFile"} if action in OUTPUTS else set())

        assert set(step) == expected
        assert set(step["with"]) == PARAMETERS[action]
        assert set(step.get("writeToEnvironmentFile", {})) == OUTPUTS.get(action, set())


def test_provisioning_creates_the_app_and_then_updates_it_with_a_checked_package() -> None:
    assert [step["uses"].removeprefix("teamsApp/") for step in project()["provision"]] == [
        "create",
        "validateManifest",
        "zipAppPackage",
        "validateAppPackage",
        "update",
    ]


def test_every_path_exists_or_is_made_by_an_earlier_step() -> None:
    made = {BUILT}
    for step in steps():
        given = step["with"]
        if "manifestPath" in given:
            assert (paths.ROOT / given["manifestPath"]).samefile(
                app_package.SOURCE / "manifest.json"
            )
        if "outputZipPath" in given:
            made.add(given["outputZipPath"])
        assert given.get("outputFolder", BUILT) == BUILT
        assert given.get("appPackagePath", BUILT) in made
    assert (paths.ROOT / project()["environmentFolderPath"]).is_dir()
    assert all(path.startswith(BUILT) for path in made)


def test_what_it_builds_is_neither_committed_nor_left_by_clean() -> None:
    ignored = (paths.ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()

    assert f"{BUILT.removeprefix('./')}/" in ignored
    assert app_package.PACKAGE.parent == paths.ROOT / BUILT


def test_every_placeholder_is_in_the_environment_file() -> None:
    manifest = (app_package.SOURCE / "manifest.json").read_text(encoding="utf-8")

    asked_for = {*PLACEHOLDER.findall(manifest), *PLACEHOLDER.findall(TEXT)}
    written = {name for step in steps() for name in step.get("writeToEnvironmentFile", {}).values()}
    assert asked_for | written == set(environment())


def test_only_what_depends_on_the_deployment_is_empty() -> None:
    assert {name for name, value in environment().items() if not value} == {
        "MICROSOFT_APP_ID",
        "TEAMS_APP_ID",
        "TEAMS_APP_PUBLISHED_APP_ID",
    }
    assert environment()["VERSION"] == app_package.version()


@pytest.mark.parametrize(
    "text",
    ["a: 1\na: 2", "a: 1\n   b: 2", "just words", "a: {b: 1}", "- a: 1\nb: 2", "a: |\n  b"],
)
def test_what_is_not_simple_yaml_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"simple|indented"):
        read_yaml(text)
