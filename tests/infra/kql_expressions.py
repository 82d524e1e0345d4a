"""The expressions of the queries in `infra/`, read as Python's, whose operators bind alike."""

import ast
import inspect
import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.clock import NINE

NOW = NINE
"""When the queries are run."""

Row = Mapping[str, Any]


class NotKustoError(ValueError):
    """Azure wouldn't understand this, or this reader doesn't."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Both as in Microsoft's reference of Kusto.
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ago": lambda span: NOW - span,
    "bin": lambda at, span: at - (at - _EPOCH) % span,
    "extract": lambda pattern, group, text: _extracted(pattern, group, text),
    "iff": lambda holds, one, other: one if holds else other,
    "isnull": lambda value: value is None,
    "strcat": lambda *parts: "".join(parts),
    "toint": lambda text: int(text),
    "tostring": lambda value: "" if value is None else str(value),
    "trim": lambda pattern, text: re.sub(f"^(?:{pattern})|(?:{pattern})$", "", text),
}
_AGGREGATES: dict[str, Callable[..., Any]] = {
    "count": lambda rows: len(rows),
    "dcount": lambda rows, of: len({of(row) for row in rows}),
    "max": lambda rows, of: max((of(row) for row in rows), default=None),
    "maxif": lambda rows, of, which: max((of(row) for row in rows if which(row)), default=None),
    "min": lambda rows, of: min((of(row) for row in rows), default=None),
    "sum": lambda rows, of: sum(of(row) for row in rows),
}
_WORDS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part.lower() in text.lower(),
    "matches regex": lambda text, pattern: re.search(pattern, text) is not None,
    "startswith": lambda text, start: text.lower().startswith(start.lower()),
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda value, options: value in options,
}

_LITERAL = re.compile(r"@'([^']*)'|\"([^\"]*)\"|\b(\d+)([dhms])\b|\{\w+:grain\}")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def of_a_row(written: str, columns: set[str]) -> dict[str, Callable[[Row], Any]]:
    """Read `Name = expression, …`; return for each name what makes it from a row."""
    return _Reader(columns, "row").read(written)


def of_rows(written: str, columns: set[str]) -> dict[str, Callable[[list[Row]], Any]]:
    """Read `Name = aggregate, …`; return for each name what makes it from a group of rows."""
    return _Reader(columns, "rows").read(written)


class _Reader(ast.NodeTransformer):
    def __init__(self, columns: set[str], given: str) -> None:
        self._columns = columns
        self._given = given
        """Whether a row is given, or rows."""
        self._known: dict[str, Any] = {}

    def read(self, written: str) -> dict[str, Callable[..., Any]]:
        """Return what is made by its name; raise NotKustoError for what isn't understood."""
        text = _LITERAL.sub(self._masked, written)
        for word in _WORDS:
            text = text.replace(f" {word} ", f" @ {word.replace(' ', '_')} @ ")
        try:
            made = ast.parse(f"_({text})", mode="eval").body
        except SyntaxError as fault:
            raise NotKustoError(f"{fault.msg}: {written}") from fault
        if not isinstance(made, ast.Call):
            raise NotKustoError(written)
        named = [(self._name_of(one), one) for one in made.args]
        named += [(keyword.arg or "", keyword.value) for keyword in made.keywords]
        return {name: self._compiled(value) for name, value in named}

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Refuse what no other method knows."""
        if isinstance(node, (ast.BoolOp, ast.Tuple)):
            return super().generic_visit(node)
        if isinstance(node, (ast.And, ast.Or, ast.Load, ast.Constant)):
            return node
        raise NotKustoError(f"unknown: {ast.unparse(node)}")

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Read a column from the row."""
        if node.id in self._known:
            return node
        if node.id not in self._columns or self._given != "row":
            raise NotKustoError(f"no such column: {node.id}")
        return ast.Subscript(_name("row"), ast.Constant(node.id), ast.Load())

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """Read a member of a dynamic column; null if it isn't there."""
        return self._call("member", dict.get, [self.visit(node.value), ast.Constant(node.attr)])

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """Compare two values; with null, nothing is true."""
        [kind, *more], [right, *_] = node.ops, node.comparators
        compare = _COMPARISONS.get(type(kind))
        if more or compare is None:
            raise NotKustoError(f"unknown: {ast.unparse(node)}")
        if isinstance(kind, ast.In) and not isinstance(right, ast.Tuple):
            right = ast.Tuple([right], ast.Load())
        called = f"compare_{type(kind).__name__}"
        return self._call(
            called, _null_is_false(compare), [self.visit(node.left), self.visit(right)]
        )

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Divide, or apply one of the operators that are words."""
        if isinstance(node.op, ast.Div):
            return self._call("divide", _divided, [self.visit(node.left), self.visit(node.right)])
        left = node.left
        if isinstance(left, ast.BinOp) and isinstance(left.right, ast.Name):
            word = left.right.id.replace("_", " ")
            if isinstance(node.op, ast.MatMult) and word in _WORDS:
                given = [self.visit(left.left), self.visit(node.right)]
                return self._call(left.right.id, _WORDS[word], given)
        raise NotKustoError(f"unknown: {ast.unparse(node)}")

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Call a function, or an aggregate over the rows."""
        name = ast.unparse(node.func)
        of_rows = self._given == "rows"
        function = (_AGGREGATES if of_rows else _FUNCTIONS).get(name)
        if function is None or node.keywords:
            raise NotKustoError(f"no such function: {ast.unparse(node)}")
        if not of_rows:
            return self._call(name, function, [self.visit(one) for one in node.args])
        self._given = "row"
        given: list[ast.expr] = [_lambda("row", self.visit(one)) for one in node.args]
        self._given = "rows"
        return self._call(name, function, [_name("rows"), *given])

    def _call(self, name: str, function: Callable[..., Any], given: list[ast.expr]) -> ast.AST:
        try:
            inspect.signature(function).bind(*given)
        except TypeError as fault:
            raise NotKustoError(f"{name}: {fault}") from fault
        self._known[name] = function
        return ast.Call(_name(name), given, [])

    def _compiled(self, value: ast.expr) -> Callable[..., Any]:
        tree = ast.Expression(_lambda(self._given, self.visit(value)))
        code = compile(ast.fix_missing_locations(tree), "<kusto>", "eval")
        made: Callable[..., Any] = eval(code, self._known)  # noqa: S307  of names from here alone
        return made

    def _masked(self, found: re.Match[str]) -> str:
        raw, text, number, unit = found.groups()
        name = f"literal_{len(self._known)}"
        value = raw if text is None else text
        if number:
            value = timedelta(**{_UNITS[unit]: int(number)})
        elif value is None:
            value = timedelta(hours=1)  # what somebody chooses in the workbook
        self._known[name] = value
        return name

    def _name_of(self, value: ast.expr) -> str:
        """Return the name of what has none of its own: that of its column."""
        if isinstance(value, ast.Call) and value.args and ast.unparse(value.func) == "bin":
            return ast.unparse(value.args[0])
        return ast.unparse(value)


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _lambda(given: str, body: ast.expr) -> ast.Lambda:
    arguments = ast.arguments([], [ast.arg(given)], None, [], [], None, [])
    return ast.Lambda(arguments, body)


def _null_is_false(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: None not in (left, right) and compare(left, right)


def _divided(left: float, right: float) -> float | None:
    return left / right if right else None


def _extracted(pattern: str, group: int, text: str) -> str:
    found = re.search(pattern, text)
    return found[group] if found else ""
