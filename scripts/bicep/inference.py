"""Infers the types of expressions, and finds what they read that doesn't exist."""

from collections.abc import Callable, Mapping, Sequence
from functools import singledispatchmethod

from scripts.bicep import nodes, types
from scripts.bicep.faults import FaultsOfFile
from scripts.bicep.fitting import did_you_mean
from scripts.bicep.types import (
    ANY,
    BicepType,
    ListType,
    LiteralType,
    NullType,
    ObjectType,
    PropertyType,
    UnionType,
)

STRING, INT, BOOL = types.StringType(), types.IntType(), types.BoolType()
OBJECT = ObjectType("object", dict, ANY)

_WRITTEN: dict[str, BicepType] = {
    "string": STRING,
    "int": INT,
    "bool": BOOL,
    "object": OBJECT,
    "array": ListType(ANY),
    "any": ANY,
}
_NAMESPACES = frozenset({"az", "sys"})
# What the functions return whose results have one type. Those of the others aren't inferred.
_RETURNS: dict[str, BicepType] = {
    **dict.fromkeys(
        (
            *("base64", "cidrHost", "cidrSubnet", "dateTimeAdd", "extensionResourceId"),
            *("format", "guid", "join", "loadFileAsBase64", "loadTextContent", "newGuid"),
            *("padLeft", "replace", "resourceId", "string", "subscriptionResourceId", "substring"),
            *("tenantResourceId", "toLower", "toUpper", "trim", "uniqueString", "uri", "utcNow"),
        ),
        STRING,
    ),
    **dict.fromkeys(("indexOf", "int", "length", "max", "min"), INT),
    **dict.fromkeys(("bool", "contains", "empty", "endsWith", "startsWith"), BOOL),
    "range": ListType(INT),
    "split": ListType(STRING),
}
_BOOLEAN = frozenset({"==", "!=", "=~", "!~", "<", "<=", ">", ">=", "&&", "||", "!"})

Locals = Mapping[str, BicepType]


def written_type(written: nodes.WrittenType) -> BicepType:
    """Return a type as declared; of one with a name that isn't known, nothing is known."""
    of = _WRITTEN.get(written.name, ANY)
    if written.literals:
        of = types.one_of([LiteralType(one) for one in written.literals])
    for _ in range(written.dimensions):
        of = ListType(of)
    return of


class Inference:
    """Infers types in one file."""

    def __init__(
        self,
        file: nodes.BicepFile,
        declared: Callable[[str], BicepType | None],
        faults: FaultsOfFile,
    ) -> None:
        """`declared` returns the types of resources and modules, by their names in the file."""
        self._file = file
        self._declared = declared
        self._faults = faults

    @singledispatchmethod
    def infer(self, node: nodes.Node, local: Locals) -> BicepType:
        """Return an expression's type."""
        raise NotImplementedError(type(node))

    @infer.register
    def _(self, node: nodes.TextNode, local: Locals) -> BicepType:
        self.each([part for part in node.parts if isinstance(part, nodes.Node)], local)
        return STRING if node.literal is None else LiteralType(node.literal)

    @infer.register
    def _(self, node: nodes.ConstantNode, _: Locals) -> BicepType:
        return NullType() if node.value is None else LiteralType(node.value)

    @infer.register
    def _(self, node: nodes.NameNode, local: Locals) -> BicepType:
        if node.name in local:
            return local[node.name]
        if parameter := self._file.parameters.get(node.name):
            return self.parameter(parameter)
        if variable := self._file.variables.get(node.name):
            return self.infer(variable.value, {})
        found = self._declared(node.name)
        if found is None and node.name not in _NAMESPACES:
            self._faults.add(node.line, f"{node.name} isn't declared")
        return found or ANY

    @infer.register
    def _(self, node: nodes.MemberNode, local: Locals) -> BicepType:
        return self._member(node, self.infer(node.of, local), node.name)

    @infer.register
    def _(self, node: nodes.IndexNode, local: Locals) -> BicepType:
        of, index = self.each([node.of, node.index], local)
        if isinstance(of, ListType):
            return of.item
        if isinstance(index, LiteralType) and isinstance(index.value, str):
            return self._member(node, of, index.value)
        return ANY

    @infer.register
    def _(self, node: nodes.CallNode, local: Locals) -> BicepType:
        given = self.each(node.arguments, local)
        if node.of is not None:
            self.infer(node.of, local)
        if node.name == "fail":
            return UnionType(())  # it never returns
        if node.name in {"first", "last"} and given and isinstance(given[0], ListType):
            return given[0].item
        is_plain = node.of is None or (
            isinstance(node.of, nodes.NameNode) and node.of.name in _NAMESPACES
        )
        return _RETURNS.get(node.name, ANY) if is_plain else ANY

    @infer.register
    def _(self, node: nodes.OperationNode, local: Locals) -> BicepType:
        operands = self.each(node.operands, local)
        if node.operator == "??":
            return types.one_of([one for one in operands if not isinstance(one, NullType)])
        return BOOL if node.operator in _BOOLEAN else INT

    @infer.register
    def _(self, node: nodes.ChoiceNode, local: Locals) -> BicepType:
        self.infer(node.condition, local)
        return types.one_of(self.each([node.then, node.otherwise], local))

    @infer.register
    def _(self, node: nodes.ConditionNode, local: Locals) -> BicepType:
        self.infer(node.condition, local)
        return self.infer(node.body, local)

    @infer.register
    def _(self, node: nodes.LambdaNode, local: Locals) -> BicepType:
        return self.infer(node.body, {**local, **dict.fromkeys(node.names, ANY)})

    @infer.register
    def _(self, node: nodes.ObjectNode, local: Locals) -> BicepType:
        self.each([spread.value for spread in node.spreads], local)
        self.each([entry.key for entry in node.entries], local)
        properties = {
            entry.key.literal or "": PropertyType(self.infer(entry.value, local))
            for entry in node.entries
        }
        is_open = bool(node.spreads) or "" in properties
        return ObjectType("this object", lambda: properties, ANY if is_open else None)

    @infer.register
    def _(self, node: nodes.ArrayNode, local: Locals) -> BicepType:
        return ListType(types.one_of(self.each(node.items, local)))

    @infer.register
    def _(self, node: nodes.LoopNode, local: Locals) -> BicepType:
        return ListType(self.infer(node.body, self.in_loop(node, local)))

    @infer.register
    def _(self, node: nodes.SpreadNode, local: Locals) -> BicepType:
        self.infer(node.value, local)
        return ANY

    def each(self, several: Sequence[nodes.Node], local: Locals) -> list[BicepType]:
        """Return the types of several expressions."""
        return [self.infer(one, local) for one in several]

    def in_loop(self, loop: nodes.LoopNode, local: Locals) -> Locals:
        """Return what a loop's body knows."""
        over = self.infer(loop.over, local)
        item = over.item if isinstance(over, ListType) else ANY
        return {**local, loop.item: item, **({loop.index: INT} if loop.index else {})}

    def parameter(self, parameter: nodes.ParameterNode) -> BicepType:
        """Return a parameter's type: one of the values allowed, or as declared."""
        of = written_type(parameter.type)
        if parameter.allowed is None or isinstance(of, ListType):
            return of
        allowed = self.infer(parameter.allowed, {})
        return allowed.item if isinstance(allowed, ListType) else of

    def _member(self, node: nodes.Node, of: BicepType, name: str) -> BicepType:
        if isinstance(of, UnionType):
            objects = [one for one in of.of if isinstance(one, ObjectType)]
            having = [one for one in objects if _property(one, name)]
            if having:
                return types.one_of([self._member(node, one, name) for one in having])
            of = objects[0] if objects else ANY
        if not isinstance(of, ObjectType):
            if not isinstance(of, NullType) and of != ANY:
                self._faults.add(node.line, f"{of} has no property {name}")
            return ANY
        found = _property(of, name)
        if found is None:
            hint = did_you_mean(name, list(of.properties))
            self._faults.add(node.line, f"{of} has no property {name}{hint}")
            return ANY
        if found.flags & types.WRITE_ONLY:
            self._faults.add(node.line, f"{name} of {of} can be written, but not read")
        return found.of


def _property(of: ObjectType, name: str) -> PropertyType | None:
    if name in of.properties:
        return of.properties[name]
    in_cases = [case.properties[name] for case in of.cases.values() if name in case.properties]
    if in_cases:
        return PropertyType(types.one_of([one.of for one in in_cases]))
    return None if of.others is None else PropertyType(of.others)
