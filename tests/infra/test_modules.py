"""The files in infra fit together."""

import re

import pytest

from scripts.bicep import nodes
from scripts.bicep.reader import read
from tests.infra import bicep
from tests.infra.bicep_values import BicepValue, DeploymentRefusedError, evaluate

MAIN = bicep.source("main.bicep")


@pytest.mark.parametrize("name", bicep.modules(MAIN))
def test_a_module_gets_exactly_the_parameters_it_declares(name: str) -> None:
    module = bicep.modules(MAIN)[name]
    asked_for = bicep.parameters(bicep.source(module.path))

    assert {parameter for parameter, needed in asked_for.items() if needed} <= module.given
    assert module.given <= set(asked_for)


def test_every_module_is_used() -> None:
    files = {f"modules/{path.name}" for path in (bicep.INFRA / "modules").iterdir()}

    assert {module.path for module in bicep.modules(MAIN).values()} == files


def test_every_output_in_use_exists() -> None:
    modules = bicep.modules(MAIN)

    used = re.findall(r"\b(\w+)!?\.outputs\.(\w+)", MAIN)
    missing = [
        f"{module}.{output}"
        for module, output in used
        if output not in bicep.outputs(bicep.source(modules[module].path))
    ]
    assert used
    assert missing == []


def test_the_example_sets_all_required_parameters_and_no_unknown_ones() -> None:
    asked_for = bicep.parameters(MAIN)

    given = set(bicep.values(bicep.source("main.bicepparam")))

    assert {parameter for parameter, needed in asked_for.items() if needed} <= given
    assert given <= set(asked_for)


@pytest.mark.parametrize("path", ["main.bicep", *(m.path for m in bicep.modules(MAIN).values())])
def test_every_parameter_is_used(path: str) -> None:
    text = bicep.source(path)

    unused = [name for name in bicep.parameters(text) if len(re.findall(rf"\b{name}\b", text)) < 2]
    assert unused == []


def _sku_of_the_plan(**given: str | bool) -> BicepValue:
    """Return the size that the plan gets."""
    file = read(MAIN)
    [sku] = [one for one in _parameters_of(file.modules["plan"]) if one.key.literal == "sku"]
    return evaluate(sku.value, file, given)


def _parameters_of(module: nodes.ModuleNode) -> tuple[nodes.EntryNode, ...]:
    assert isinstance(module.body, nodes.ObjectNode)
    [given] = [one.value for one in module.body.entries if one.key.literal == "params"]
    assert isinstance(given, nodes.ObjectNode)
    return given.entries


@pytest.mark.parametrize(
    ("given", "sku"),
    [
        ({}, "B1"),
        ({"zoneRedundant": True}, "P0v3"),
        ({"planSku": "S1"}, "S1"),
        ({"zoneRedundant": True, "planSku": "p1v3"}, "p1v3"),
    ],
    ids=str,
)
def test_a_plan_has_the_size_that_was_given_or_one_that_can_be_spread_over_zones(
    given: dict[str, str | bool], sku: str
) -> None:
    assert _sku_of_the_plan(**given) == sku


@pytest.mark.parametrize("sku", ["B1", "S1", "b3"])
def test_a_plan_without_zones_is_refused_where_it_is_to_be_spread_over_them(sku: str) -> None:
    """Only Premium plans can be; Azure refuses others in the middle of the deployment."""
    with pytest.raises(DeploymentRefusedError, match="needs a Premium plan"):
        _sku_of_the_plan(zoneRedundant=True, planSku=sku)


@pytest.mark.parametrize("sku", ["F1", "D1", "Y1", "EP1", ""])
def test_a_plan_that_is_not_always_on_is_refused(sku: str) -> None:
    with pytest.raises(DeploymentRefusedError, match="always be on"):
        _sku_of_the_plan(planSku=sku)


def test_the_storage_account_has_a_name_that_azure_takes_whatever_the_prefix() -> None:
    """Three to 24 letters in lower case and digits; ``uniqueString`` returns thirteen of them."""
    longest = re.search(r"@maxLength\((\d+)\)\nparam name string", MAIN)

    assert longest
    assert int(longest[1]) + 13 <= 24
    assert "var accountName = '${replace(toLower(name), '-', '')}${suffix}'\n" in MAIN
    assert re.findall(r"\$\{name\}\$\{suffix\}", MAIN) == []
