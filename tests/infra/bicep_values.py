"""What an expression in Bicep comes to: as much of the language as the tests need."""

from collections.abc import Callable, Mapping

from scripts.bicep import nodes

BicepValue = str | int | bool | list["BicepValue"] | None


class DeploymentRefusedError(Exception):
    """The template calls ``fail``."""


def _fail(message: BicepValue) -> BicepValue:
    raise DeploymentRefusedError(message)


def _take(of: BicepValue, count: BicepValue) -> BicepValue:
    assert isinstance(of, str)
    assert isinstance(count, int)
    return of[:count]


def _contains(of: BicepValue, one: BicepValue) -> BicepValue:
    assert isinstance(of, list)
    return one in of


_FUNCTIONS: Mapping[str, Callable[..., BicepValue]] = {
    "contains": _contains,
    "fail": _fail,
    "take": _take,
    "toLower": lambda text: str(text).lower(),
}


def evaluate(
    node: nodes.Node, file: nodes.BicepFile, given: Mapping[str, BicepValue]
) -> BicepValue:
    """Return an expression's value, with parameters ``given``; raises DeploymentRefusedError.

    Raises NotImplementedError for what it doesn't know.
    """

    def value(one: nodes.Node) -> BicepValue:
        return evaluate(one, file, given)

    match node:
        case nodes.TextNode(literal=str(text)):
            return text
        case nodes.ConstantNode():
            return node.value
        case nodes.ArrayNode():
            return [value(one) for one in node.items]
        case nodes.ChoiceNode():
            return value(node.then if value(node.condition) else node.otherwise)
        case nodes.OperationNode(operator="&&", operands=(left, right)):
            return bool(value(left)) and bool(value(right))
        case nodes.OperationNode(operator="!=", operands=(left, right)):
            return value(left) != value(right)
        case nodes.CallNode(name=name) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*map(value, node.arguments))
        case nodes.NameNode():
            return _named(node.name, file, given)
        case _:
            raise NotImplementedError(type(node))


def _named(name: str, file: nodes.BicepFile, given: Mapping[str, BicepValue]) -> BicepValue:
    if name in given:
        return given[name]
    if name in file.variables:
        return evaluate(file.variables[name].value, file, given)
    default = file.parameters[name].default
    assert default is not None
    return evaluate(default, file, given)
