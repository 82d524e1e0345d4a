"""The types of what a file declares: its resources and modules."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from scripts.bicep import nodes
from scripts.bicep.azure_types import AzureTypes
from scripts.bicep.faults import FaultsOfFile
from scripts.bicep.inference import STRING, Inference, written_type
from scripts.bicep.types import ANY, REQUIRED, BicepType, ListType, ObjectType, PropertyType

# What Bicep itself adds to every resource.
_OF_RESOURCES = {name: PropertyType(ANY) for name in ("parent", "scope", "dependsOn")}
_OF_MODULES = {
    "name": PropertyType(STRING),
    "scope": PropertyType(ANY),
    "dependsOn": PropertyType(ListType(ANY)),
}


class Declarations:
    """What one of several files declares."""

    def __init__(self, path: str, files: Mapping[str, nodes.BicepFile], azure: AzureTypes) -> None:
        """Name one of the files, by its path."""
        self.file = files[path]
        self._folder = PurePosixPath(path).parent
        self._files = files
        self._azure = azure

    def read(self, name: str) -> BicepType | None:
        """Return the type that a resource or a module has where it is used."""
        if resource := self.file.resources.get(name):
            return _repeated(resource.body, self._azure.resource(resource.type) or ANY)
        if module := self.file.modules.get(name):
            return _repeated(module.body, self._outputs(module))
        return None

    def written(self, declared: nodes.ResourceNode | nodes.ModuleNode) -> BicepType | None:
        """Return the type of what must be written for it; None if nobody knows it."""
        if isinstance(declared, nodes.ModuleNode):
            of = self._parameters(declared)
        else:
            of = _with_own(self._azure.resource(declared.type))
        return of and _repeated(declared.body, of)

    def parameters(self, path: str) -> ObjectType | None:
        """Return the parameters of another file, whose path is relative to this one's folder."""
        file = self._file(path)
        if file is None:
            return None
        parameters = _parameters_of(file)
        return ObjectType(path, lambda: parameters)

    def _parameters(self, module: nodes.ModuleNode) -> BicepType | None:
        given = self.parameters(module.path)
        if given is None:
            return None
        needs_any = any(one.is_required for one in given.properties.values())
        properties = {**_OF_MODULES, "params": PropertyType(given, REQUIRED if needs_any else 0)}
        return ObjectType("a module", lambda: properties)

    def _outputs(self, module: nodes.ModuleNode) -> BicepType:
        file = self._file(module.path)
        if file is None:
            return ANY
        outputs = {one.name: PropertyType(written_type(one.type)) for one in file.outputs.values()}
        properties = {
            "name": PropertyType(STRING),
            "outputs": PropertyType(ObjectType(module.path, lambda: outputs)),
        }
        return ObjectType("a module", lambda: properties)

    def _file(self, path: str) -> nodes.BicepFile | None:
        return self._files.get(str(self._folder / path))


def _parameters_of(file: nodes.BicepFile) -> dict[str, PropertyType]:
    """Return the types of a file's parameters; those without a default are required."""
    inference = Inference(file, lambda _: None, FaultsOfFile(""))
    return {
        one.name: PropertyType(
            inference.parameter(one), 0 if one.default or one.type.nullable else REQUIRED
        )
        for one in file.parameters.values()
    }


def _repeated(body: nodes.Node, of: BicepType) -> BicepType:
    """Return the type of what has this body, which can be a loop."""
    return ListType(of) if isinstance(body, nodes.LoopNode) else of


def _with_own(of: BicepType | None) -> BicepType | None:
    """Add what Bicep itself lets every resource have."""
    if not isinstance(of, ObjectType):
        return of
    properties = {**_OF_RESOURCES, **of.properties}
    return ObjectType(of.name, lambda: properties, of.others, of.by, of.cases)
