"""Bicep is read as Bicep means it."""

from collections.abc import Callable
from typing import Any

import pytest

from scripts.bicep import nodes
from scripts.bicep.reader import read


def value(source: str) -> nodes.Node:
    """Return what a variable is set to."""
    return read(f"var it = {source}\n").variables["it"].value


def shape(node: Any) -> str:
    """Write an expression with all its parentheses."""
    return _SHAPES[type(node)](node)


def _all(several: tuple[nodes.Node, ...], between: str = ", ") -> str:
    return between.join(shape(one) for one in several)


def _text(node: nodes.TextNode) -> str:
    parts = [part if isinstance(part, str) else f"<{shape(part)}>" for part in node.parts]
    return repr("".join(parts))


_SHAPES: dict[type[nodes.Node], Callable[[Any], str]] = {
    nodes.TextNode: _text,
    nodes.ConstantNode: lambda node: str(node.value),
    nodes.NameNode: lambda node: str(node.name),
    nodes.OperationNode: lambda node: f"({node.operator} {_all(node.operands, ' ')})",
    nodes.ChoiceNode: lambda node: f"(? {_all((node.condition, node.then, node.otherwise), ' ')})",
    nodes.MemberNode: lambda node: f"{shape(node.of)}.{node.name}",
    nodes.IndexNode: lambda node: f"{shape(node.of)}[{shape(node.index)}]",
    nodes.CallNode: lambda node: (
        f"{shape(node.of) + '.' if node.of else ''}{node.name}({_all(node.arguments)})"
    ),
    nodes.LambdaNode: lambda node: f"({' '.join(node.names)} => {shape(node.body)})",
    nodes.ArrayNode: lambda node: f"[{_all(node.items)}]",
    nodes.SpreadNode: lambda node: f"...{shape(node.value)}",
}


@pytest.mark.parametrize(
    ("source", "read_as"),
    [
        ("1 + 2 * 3 - 4", "(- (+ 1 (* 2 3)) 4)"),
        ("(1 + 2) * -3", "(* (+ 1 2) (- 3))"),
        ("a && b || !c", "(|| (&& a b) (! c))"),
        ("a ?? b == c", "(?? a (== b c))"),
        ("a\n  ? b\n  : c ? d : e", "(? a b (? c d e))"),
        ("a!.b.?c[0].d", "a.b.c[0].d"),
        ("az.first(a.list(\n  1,\n  null\n)).b", "az.first(a.list(1, None)).b"),
        ("map(a, x => x.b)", "map(a, (x => x.b))"),
        ("map(a, (x, i) => i)", "map(a, (x i => i))"),
        ("[\n  1 // one\n  true, ...b /* and\n  */\n]", "[1, True, ...b]"),
        ("'it\\'s \\${a} \\u{41} ${'b${c}'}'", r'''"it's ${a} A <'b<c>'>"'''),
        ("'''\nnot ${a}\n'''", r"'not ${a}\n'"),
        ("'''not 'a''''", "\"not 'a'\""),
    ],
)
def test_an_expression_is_read(source: str, read_as: str) -> None:
    assert shape(value(source)) == read_as


def test_each_part_knows_its_line() -> None:
    whole = value("{\n  // why\n  a: 'x'\n  text: '''\n\n'''\n  'b-c': [\n    ...d\n  ]\n}")

    assert isinstance(whole, nodes.ObjectNode)
    assert {entry.key.literal: entry.line for entry in whole.entries} == {
        "a": 3,
        "text": 4,
        "b-c": 7,
    }
    [array] = [one.value for one in whole.entries if isinstance(one.value, nodes.ArrayNode)]
    assert [item.line for item in array.items] == [8]


def test_types_are_read() -> None:
    file = read(
        "param a string[]\nparam b 'x' | 'y'\nparam c int?\n\n@secure()\nparam d object = {}\n"
    )

    assert {name: one.type for name, one in file.parameters.items()} == {
        "a": nodes.WrittenType("string", dimensions=1),
        "b": nodes.WrittenType(literals=("x", "y")),
        "c": nodes.WrittenType("int", nullable=True),
        "d": nodes.WrittenType("object"),
    }
