"""What a Bicep file consists of. Each node knows its line."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Node:
    """An expression, or a part of one; `line` counts from one."""

    line: int


@dataclass(frozen=True, kw_only=True)
class TextNode(Node):
    """A string: its text and interpolated expressions, in turn."""

    parts: tuple[str | Node, ...]

    @property
    def literal(self) -> str | None:
        """Return what the string is, if nothing is interpolated."""
        return "".join(texts) if len(texts := self._texts()) == len(self.parts) else None

    def _texts(self) -> list[str]:
        return [part for part in self.parts if isinstance(part, str)]


@dataclass(frozen=True, kw_only=True)
class ConstantNode(Node):
    """A number, true, false or null."""

    value: int | bool | None


@dataclass(frozen=True, kw_only=True)
class NameNode(Node):
    """A name that stands for something declared."""

    name: str


@dataclass(frozen=True, kw_only=True)
class MemberNode(Node):
    """A property of something: `of.name`; `safe` if written `of.?name`."""

    of: Node
    name: str
    safe: bool = False


@dataclass(frozen=True, kw_only=True)
class IndexNode(Node):
    """An element of something: `of[index]`."""

    of: Node
    index: Node


@dataclass(frozen=True, kw_only=True)
class CallNode(Node):
    """A call of a function, or of a method of something."""

    name: str
    arguments: tuple[Node, ...]
    of: Node | None = None


@dataclass(frozen=True, kw_only=True)
class OperationNode(Node):
    """An operator with its operands, of which `-` and `!` can have one."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True)
class ChoiceNode(Node):
    """One of two values: `condition ? then : otherwise`."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, kw_only=True)
class LambdaNode(Node):
    """A function without a name: `(names) => body`."""

    names: tuple[str, ...]
    body: Node


@dataclass(frozen=True, kw_only=True)
class SpreadNode(Node):
    """What is spread into an object or an array: `...value`."""

    value: Node


@dataclass(frozen=True, kw_only=True)
class EntryNode(Node):
    """A property written in an object."""

    key: TextNode
    value: Node


@dataclass(frozen=True, kw_only=True)
class ObjectNode(Node):
    """An object."""

    entries: tuple[EntryNode, ...]
    spreads: tuple[SpreadNode, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ArrayNode(Node):
    """An array; some of its items can be spread."""

    items: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True)
class LoopNode(Node):
    """An array made by a loop: `[for item in over: body]`."""

    item: str
    index: str | None
    over: Node
    body: Node


@dataclass(frozen=True, kw_only=True)
class ConditionNode(Node):
    """What is only deployed under a condition: `if (condition) body`."""

    condition: Node
    body: Node


@dataclass(frozen=True)
class WrittenType:
    """A type as written: one name, or some literals; `[]` follows it `dimensions` times."""

    name: str = ""
    literals: tuple[str | int | bool, ...] = ()
    dimensions: int = 0
    nullable: bool = False


@dataclass(frozen=True, kw_only=True)
class ParameterNode(Node):
    """A parameter; `allowed` are the values that its decorator lists."""

    name: str
    type: WrittenType
    default: Node | None
    allowed: Node | None


@dataclass(frozen=True, kw_only=True)
class VariableNode(Node):
    """A variable."""

    name: str
    value: Node


@dataclass(frozen=True, kw_only=True)
class ResourceNode(Node):
    """A resource: `type` is its type and API version, with @ between."""

    name: str
    type: str
    existing: bool
    body: Node


@dataclass(frozen=True, kw_only=True)
class ModuleNode(Node):
    """A module that the file uses."""

    name: str
    path: str
    body: Node


@dataclass(frozen=True, kw_only=True)
class OutputNode(Node):
    """An output."""

    name: str
    type: WrittenType
    value: Node


@dataclass(frozen=True)
class BicepFile:
    """A file's declarations, by name.

    A file of parameters says which file it is for, and has their `values`.
    """

    parameters: dict[str, ParameterNode] = field(default_factory=dict)
    variables: dict[str, VariableNode] = field(default_factory=dict)
    resources: dict[str, ResourceNode] = field(default_factory=dict)
    modules: dict[str, ModuleNode] = field(default_factory=dict)
    outputs: dict[str, OutputNode] = field(default_factory=dict)
    using: str | None = None
    values: tuple[EntryNode, ...] = ()
