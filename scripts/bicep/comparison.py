"""Compares what a file writes with the types wanted in each place."""

from functools import singledispatchmethod
from typing import TypeVar

from scripts.bicep import nodes, types
from scripts.bicep.declarations import Declarations
from scripts.bicep.faults import FaultsOfFile
from scripts.bicep.fitting import did_you_mean, fits, why_not
from scripts.bicep.inference import Inference, Locals, written_type
from scripts.bicep.types import ANY, BicepType, ListType, LiteralType, ObjectType, parts_of

Wanted = TypeVar("Wanted", bound=BicepType)

_OF_EXISTING = frozenset({"name", "parent", "scope"})


class Comparison:
    """Compares one file."""

    def __init__(self, declarations: Declarations, faults: FaultsOfFile) -> None:
        """Add to `faults` what is found."""
        self._declarations = declarations
        self._file = declarations.file
        self._faults = faults
        self._inference = Inference(self._file, declarations.read, faults)

    def compare(self) -> None:
        """Compare everything that the file declares."""
        for parameter in self._file.parameters.values():
            if parameter.default:
                self._check(parameter.default, self._inference.parameter(parameter), {})
        for variable in self._file.variables.values():
            self._inference.infer(variable.value, {})
        for resource in self._file.resources.values():
            self._resource(resource)
        for module in self._file.modules.values():
            wanted = self._declarations.written(module)
            if wanted is None:
                self._faults.add(module.line, f"there is no file {module.path}")
            self._check(module.body, wanted or ANY, {})
        for output in self._file.outputs.values():
            self._check(output.value, written_type(output.type), {})
        if self._file.using is not None:
            self._values(self._file.using)

    def _values(self, path: str) -> None:
        """Compare what a file of parameters has with the file that it is for."""
        wanted = self._declarations.parameters(path)
        if wanted is None:
            self._faults.add(1, f"there is no file {path}")
        self._check(nodes.ObjectNode(line=1, entries=self._file.values), wanted or ANY, {})

    def _resource(self, resource: nodes.ResourceNode) -> None:
        wanted = self._declarations.written(resource)
        if wanted is None:
            self._faults.add(
                resource.line,
                f"{resource.type} isn't in infra/types.json: Azure hasn't published it, or"
                " it must be extracted first (scripts/bicep/extract.py)",
            )
        if resource.existing:
            self._existing(resource.body)
        else:
            self._check(resource.body, wanted or ANY, {})

    def _existing(self, body: nodes.Node) -> None:
        self._inference.infer(body, {})
        for entry in body.entries if isinstance(body, nodes.ObjectNode) else ():
            name = entry.key.literal
            if name not in _OF_EXISTING:
                self._faults.add(entry.line, f"{name} can't be set: the resource exists already")

    @singledispatchmethod
    def _check(self, node: nodes.Node, wanted: BicepType, local: Locals) -> None:
        """Compare an expression with the type wanted in its place."""
        self._as_a_whole(node, wanted, local)

    @_check.register
    def _(self, node: nodes.ConditionNode, wanted: BicepType, local: Locals) -> None:
        self._inference.infer(node.condition, local)
        self._check(node.body, wanted, local)

    @_check.register
    def _(self, node: nodes.ChoiceNode, wanted: BicepType, local: Locals) -> None:
        self._inference.infer(node.condition, local)
        self._check(node.then, wanted, local)
        self._check(node.otherwise, wanted, local)

    @_check.register
    def _(self, node: nodes.OperationNode, wanted: BicepType, local: Locals) -> None:
        if node.operator == "??":
            for operand in node.operands:
                self._check(operand, wanted, local)
        else:
            self._as_a_whole(node, wanted, local)

    @_check.register
    def _(self, node: nodes.ObjectNode, wanted: BicepType, local: Locals) -> None:
        if found := _only(ObjectType, wanted):
            self._object(node, found, local, is_whole=True)
        else:
            self._as_a_whole(node, wanted, local)

    @_check.register
    def _(self, node: nodes.ArrayNode, wanted: BicepType, local: Locals) -> None:
        if found := _only(ListType, wanted):
            for item in node.items:
                of = ANY if isinstance(item, nodes.SpreadNode) else found.item
                self._check(item, of, local)
        else:
            self._as_a_whole(node, wanted, local)

    @_check.register
    def _(self, node: nodes.LoopNode, wanted: BicepType, local: Locals) -> None:
        if found := _only(ListType, wanted):
            self._check(node.body, found.item, self._inference.in_loop(node, local))
        else:
            self._as_a_whole(node, wanted, local)

    @_check.register
    def _(self, node: nodes.CallNode, wanted: BicepType, local: Locals) -> None:
        """Compare the parts of a union of objects; none of them needs to be complete."""
        found = _only(ObjectType, wanted)
        if found is None or node.name != "union":
            self._as_a_whole(node, wanted, local)
            return
        for argument in node.arguments:
            if isinstance(argument, nodes.ObjectNode):
                self._object(argument, found, local, is_whole=False)
            else:
                self._check(argument, wanted, local)

    @_check.register
    def _(self, node: nodes.NameNode, wanted: BicepType, local: Locals) -> None:
        """Compare a variable's parts on the lines where they are set."""
        variable = None if node.name in local else self._file.variables.get(node.name)
        parts = (nodes.ObjectNode, nodes.ArrayNode, nodes.LoopNode)
        if variable and isinstance(variable.value, parts):
            self._check(variable.value, wanted, {})
        else:
            self._as_a_whole(node, wanted, local)

    def _as_a_whole(self, node: nodes.Node, wanted: BicepType, local: Locals) -> None:
        given = self._inference.infer(node, local)
        if not fits(given, wanted):
            self._faults.add(node.line, why_not(given, wanted))

    def _object(
        self, node: nodes.ObjectNode, wanted: ObjectType, local: Locals, *, is_whole: bool
    ) -> None:
        for spread in node.spreads:
            self._inference.infer(spread.value, local)
        cases = self._cases(node, wanted, local, is_whole=is_whole)
        if not cases:
            self._inference.infer(node, local)
        self._twice(node)
        given = {entry.key.literal for entry in node.entries if not _is_null(entry.value)}
        for case in cases:
            for entry in node.entries:
                self._entry(entry, case, local)
            required = [name for name, one in case.properties.items() if one.is_required]
            missing = [name for name in required if name not in given]
            if missing and is_whole and not node.spreads:
                self._faults.add(node.line, f"{wanted} needs {', '.join(missing)}")

    def _twice(self, node: nodes.ObjectNode) -> None:
        names = set()
        for entry in node.entries:
            name = entry.key.literal
            if name in names:
                self._faults.add(entry.line, f"{name} is written twice")
            names |= {name} - {None}

    def _cases(
        self, node: nodes.ObjectNode, wanted: ObjectType, local: Locals, *, is_whole: bool
    ) -> list[ObjectType]:
        """Return the objects wanted, of which a loop can write several; none if nobody knows."""
        if wanted.by is None:
            return [wanted]
        deciding = [entry for entry in node.entries if entry.key.literal == wanted.by]
        if not deciding:
            if is_whole and not node.spreads:
                self._faults.add(node.line, f"{wanted} needs {wanted.by}")
            return []
        given = self._inference.infer(deciding[0].value, local)
        values = [one.value for one in parts_of(given) if isinstance(one, LiteralType)]
        published = types.one_of([LiteralType(one) for one in wanted.cases])
        if values and not fits(given, published):
            self._faults.add(deciding[0].line, why_not(given, published))
        return [wanted.case(str(value)) for value in values if value in wanted.cases]

    def _entry(self, entry: nodes.EntryNode, of: ObjectType, local: Locals) -> None:
        self._inference.infer(entry.key, local)
        name = entry.key.literal
        found = of.properties.get(name) if name is not None else None
        if found is not None and found.flags & types.READ_ONLY:
            self._faults.add(entry.line, f"{name} of {of} can be read, but not written")
        elif found is None and of.others is None and name is not None:
            hint = did_you_mean(name, list(of.properties))
            self._faults.add(entry.line, f"{of} has no property {name}{hint}")
        wanted = found.of if found else of.others or ANY
        self._check(entry.value, wanted, local)


def _is_null(node: nodes.Node) -> bool:
    return isinstance(node, nodes.ConstantNode) and node.value is None


def _only(kind: type[Wanted], wanted: BicepType) -> Wanted | None:
    """Return the only type of a kind that is wanted."""
    found = [part for part in parts_of(wanted) if isinstance(part, kind)]
    return found[0] if len(found) == 1 else None
