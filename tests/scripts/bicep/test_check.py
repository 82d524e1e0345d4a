"""Each kind of fault in Bicep is found, with its file and line."""

import pytest

from scripts.bicep.check import check
from tests.scripts.bicep.published import azure

SHOP = "resource shop 'Microsoft.Shop/shops@2026-01-01' = {"
EXISTING = "resource shop 'Microsoft.Shop/shops@2026-01-01' existing = {\n  name: 'a'\n}\n"
NO_CODE = (
    "has a length, range or form that Azure doesn't take: 2 to 4 characters, matching ^[a-z]+$"
)
CONFIG = "resource it 'Microsoft.Shop/shops/config@2026-01-01' = {"


def shop(*lines: str, before: str = "") -> str:
    """Return a shop with these properties, whose first line is the fourth after `before`."""
    inner = "\n".join(f"    {line}" for line in lines)
    return f"{before}{SHOP}\n  name: 'corner'\n  properties: {{\n{inner}\n  }}\n}}\n"


def faults(source: str, **modules: str) -> list[str]:
    """Return all faults as printed."""
    sources = {"main.bicep": source, **{f"{name}.bicep": text for name, text in modules.items()}}
    return [str(fault) for fault in check(sources, azure())]


def test_what_azure_takes_has_no_fault() -> None:
    source = shop(
        "door: isOpen ? 'Open' : 'Shut'",
        "mood: 'anything'",
        "floors: null",
        "isLit: !isOpen",
        "code: 'abc'",
        "shelves: [for label in labels: { label: '${label}!', goods: [label] }]",
        "key: any(3)",
        before="param isOpen bool\nparam labels string[] = []\n",
    )

    assert faults(source) == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("dor: 1", "ShopProperties has no property dor; did you mean door?"),
        ("Door: 'Open'", "ShopProperties has no property Door; did you mean door?"),
        ("address: 'here'", "address of ShopProperties can be read, but not written"),
        ("door: 'Shut'", "door is written twice"),
        ("floors: '2'", "wants int, not '2'"),
        ("floors: 10", "10 has a length, range or form that Azure doesn't take: from 1 to 9"),
        ("view: 'Opne'", "'Opne' isn't one of 'Open'"),
        ("isLit: 'yes'", "wants bool, not 'yes'"),
        ("isLit: length('yes')", "wants bool, not int"),
        ("isLit: shop.id", "wants bool, not string"),
        ("mood: true", "wants string, not true"),
        ("mood: {}", "wants string, not this object"),
        ("mood: ['a']", "wants string, not 'a'[]"),
        ("mood: [for x in ['a']: x]", "wants string, not 'a'[]"),
        (
            "mood: shop.properties.adress",
            "ShopProperties has no property adress; did you mean address?",
        ),
        ("mood: 'it is ${shop.Id}'", "Microsoft.Shop/shops has no property Id; did you mean id?"),
        ("mood: shop.properties.key", "key of ShopProperties can be written, but not read"),
        ("mood: shop.id.length", "string has no property length"),
        ("mood: shp.id", "shp isn't declared"),
        ("code: 'a-b'", f"'a-b' {NO_CODE}"),
        ("code: 'abcde'", f"'abcde' {NO_CODE}"),
        ("shelves: {}", "wants Shelf[], not this object"),
        ("shelves: [{ label: 'a' }, 'b']", "wants Shelf, not 'b'"),
        ("shelves: [{ goods: [] }]", "Shelf needs label"),
        ("shelves: [{ label: null }]", "Shelf needs label"),
        ("shelves: [{ label: 'a', parts: [{ name: 1 }] }]", "Shelf has no property name"),
        ("shelves: [for (x, i) in ['a']: { label: i }]", "wants string, not int"),
    ],
)
def test_a_fault_is_found_on_its_line(line: str, fault: str) -> None:
    found = faults(shop("door: 'Open'", line))

    assert f"main.bicep:5: {fault}" in found
    assert {one.split(": ")[0] for one in found} == {"main.bicep:5"}


def test_a_value_is_one_of_those_listed() -> None:
    source = shop("door: isOpen ? 'Ajar' : other", before="param isOpen bool\nvar other = 'Shut'\n")

    assert faults(source) == ["main.bicep:6: 'Ajar' isn't one of 'Open', 'Shut'"]


def test_a_parameter_is_only_what_it_is_allowed_to_be() -> None:
    allowed = "@allowed([\n  'Open'\n  'Ajar'\n])\nparam door string\n"

    assert faults(shop("door: door", before=allowed)) == [
        "main.bicep:9: wants 'Open' | 'Shut', not 'Open' | 'Ajar'"
    ]
    assert faults(shop("door: door", before="param door string\n")) == []
    assert faults(shop("door: door", before="param door int\n")) == [
        "main.bicep:5: wants 'Open' | 'Shut', not int"
    ]


def test_a_required_property_is_missing() -> None:
    assert faults(shop("mood: 'good'")) == ["main.bicep:3: ShopProperties needs door"]
    assert faults(shop("...more", before="param more object\n")) == []
    assert faults(f"{SHOP}\n}}\n") == ["main.bicep:1: Microsoft.Shop/shops needs name"]


def test_a_variable_is_compared_where_it_is_set() -> None:
    inside = "var inside = {\n  door: 'Open'\n  floor: 1\n}\n"
    source = f"{inside}{SHOP}\n  name: 'a'\n  properties: inside\n}}\n"

    assert faults(source) == [
        "main.bicep:3: ShopProperties has no property floor; did you mean floors?"
    ]


def test_the_parts_of_a_union_need_not_be_complete() -> None:
    inside = "  name: 'a'\n  properties: union(more, {\n    floor: 1\n  })\n"
    source = f"param more object\n{SHOP}\n{inside}}}\n"

    assert faults(source) == [
        "main.bicep:5: ShopProperties has no property floor; did you mean floors?"
    ]


def test_the_items_of_a_loop_are_known() -> None:
    source = shop(
        "door: 'Open'",
        "floors: first(floors).hight",
        "shelves: [for each in floors: { label: each.height }]",
        before="var floors = [{ height: 1 }, { height: 2 }]\n",
    )

    assert faults(source) == [
        "main.bicep:6: this object has no property hight; did you mean height?",
        "main.bicep:7: wants string, not 1 | 2",
    ]


@pytest.mark.parametrize("name", ["Shops/stalls@2026-01-01", "Shop/shops@2020-01-01"])
def test_a_type_or_version_that_isnt_known_is_said(name: str) -> None:
    [fault] = faults(f"resource it 'Microsoft.{name}' = {{\n  name: 'a'\n  any: [nothing]\n}}\n")[
        :1
    ]

    assert fault.startswith(f"main.bicep:1: Microsoft.{name} isn't in infra/types.json")


def test_what_exists_is_read_and_not_set() -> None:
    assert faults(f"{EXISTING}output address string = shop.properties.address\n") == []
    assert faults(f"{EXISTING}output address string = shop.properties.adres\n") == [
        "main.bicep:4: ShopProperties has no property adres; did you mean address?"
    ]
    assert faults(EXISTING.replace("\n}", "\n  tags: {}\n}")) == [
        "main.bicep:3: tags can't be set: the resource exists already"
    ]


def test_the_name_decides_what_a_resource_needs() -> None:
    assert faults(f"{CONFIG}\n  name: 'lights'\n  properties: {{ x: 'on' }}\n}}\n") == []
    assert faults(f"{CONFIG}\n  name: 'lights'\n  properties: {{\n    x: 1\n  }}\n}}\n") == [
        "main.bicep:4: wants string, not 1"
    ]
    assert faults(f"{CONFIG}\n  name: 'tills'\n  properties: {{}}\n}}\n") == [
        "main.bicep:3: ShopProperties needs door"
    ]
    assert faults(f"{CONFIG}\n  name: 'till'\n}}\n") == [
        "main.bicep:2: 'till' isn't one of 'lights', 'tills'"
    ]
    assert faults(f"{CONFIG}\n  properties: {{}}\n}}\n") == [
        "main.bicep:1: Microsoft.Shop/shops/config needs name"
    ]


def test_a_loop_over_names_is_compared_with_each() -> None:
    loop = CONFIG.replace("{", "[\n  for name in ['lights', 'tills']: {\n    name: name\n")
    source = f"{loop}    properties: {{ door: 'Ajar' }}\n  }}\n]\n"

    assert faults(source) == ["main.bicep:4: 'Ajar' isn't one of 'Open', 'Shut'"]
    assert faults(source.replace("'lights'", "'light'")) == [
        "main.bicep:3: wants 'lights' | 'tills', not 'light' | 'tills'",
        "main.bicep:4: 'Ajar' isn't one of 'Open', 'Shut'",
    ]


def test_resources_in_a_loop_and_under_a_condition_are_compared() -> None:
    looped = SHOP.replace("= {", "= [\n  for x in ['a']: {\n    nam: x\n  }\n]\n")
    conditional = SHOP.replace("= {", "= if (isOpen) {\n  name: 1\n}\n")

    assert faults(f"{looped}output id string = shop[0].idd\n") == [
        "main.bicep:2: Microsoft.Shop/shops needs name",
        "main.bicep:3: Microsoft.Shop/shops has no property nam; did you mean name?",
        "main.bicep:6: Microsoft.Shop/shops has no property idd; did you mean id?",
    ]
    assert faults(conditional) == [
        "main.bicep:1: isOpen isn't declared",
        "main.bicep:2: wants string, not 1",
    ]


def test_modules_get_what_they_ask_for() -> None:
    module = (
        "@allowed(['a', 'b'])\nparam kind string\nparam size int = 1\noutput id string = kind\n"
    )
    use = "module it 'part.bicep' = {\n  name: 'it'\n  params: {\n    kind: 'a'\n  }\n}\n"

    assert faults(use, part=module) == []
    assert faults(use.replace("'a'", "'c'"), part=module) == [
        "main.bicep:4: 'c' isn't one of 'a', 'b'"
    ]
    assert faults(use.replace("kind: 'a'", "size: 'big'"), part=module) == [
        "main.bicep:3: part.bicep needs kind",
        "main.bicep:4: wants int, not 'big'",
    ]
    assert faults(f"{use}output id int = it.outputs.id\n", part=module) == [
        "main.bicep:7: wants int, not string"
    ]
    assert faults(f"{use}output id string = it.outputs.name\n", part=module) == [
        "main.bicep:7: part.bicep has no property name"
    ]
    assert faults(use) == ["main.bicep:1: there is no file part.bicep"]


def test_a_file_of_parameters_gives_what_is_asked_for() -> None:
    asked = "@allowed(['a', 'b'])\nparam kind string\nparam size int = 1\n"
    given = "using 'main.bicep'\n\nparam kind = 'c'\nparam sise = 2\n"

    assert faults(asked, values="using 'main.bicep'\n") == ["values.bicep:1: main.bicep needs kind"]
    assert faults(asked, values=given) == [
        "values.bicep:3: 'c' isn't one of 'a', 'b'",
        "values.bicep:4: main.bicep has no property sise; did you mean size?",
    ]
    assert faults(asked, values="using 'other.bicep'\n") == [
        "values.bicep:1: there is no file other.bicep"
    ]


def test_defaults_and_outputs_have_the_types_declared() -> None:
    source = (
        "param size int = 'big'\n@allowed(['a'])\nparam kind string = 'b'\noutput it bool = size\n"
    )

    assert faults(source) == [
        "main.bicep:1: wants int, not 'big'",
        "main.bicep:3: 'b' isn't one of 'a'",
        "main.bicep:4: wants bool, not int",
    ]


@pytest.mark.parametrize(
    "source",
    [
        *("var a = 'b\n", "var a = 'b${c'\n", "var a = '''b\n", "var a = (1\n", "var a = [1 2]\n"),
        *("var a = {\n  b 1\n}\n", "var a = ~\n", "var a = 1 2\n", "func a() string => 'b'\n"),
    ],
)
def test_what_cant_be_read_is_a_fault(source: str) -> None:
    [fault] = faults(f"\n{source}")

    assert fault.startswith(("main.bicep:2: ", "main.bicep:3: "))
