"""Reads Bicep, with the line of every expression.

It knows the language as `infra/` uses it, and says so of anything else: nothing goes unchecked
because it couldn't be read.
"""

from collections.abc import Callable
from dataclasses import replace

from scripts.bicep import nodes
from scripts.bicep.tokens import BicepUnreadableError, Kind, Token, tokens_of

# By how strongly they bind, weakest first.
_OPERATORS = (
    ("??",),
    ("||",),
    ("&&",),
    ("==", "!=", "=~", "!~"),
    ("<", "<=", ">", ">="),
    ("+", "-"),
    ("*", "/", "%"),
)
_CONSTANTS = {"true": True, "false": False, "null": None}


def read(source: str) -> nodes.BicepFile:
    """Return a file's declarations; raise BicepUnreadableError."""
    return _Declarations(tokens_of(source)).file()


class _Expressions:
    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._at = 0

    def expression(self) -> nodes.Node:
        """Read an expression."""
        condition = self._operation(0)
        if not self._is("?", past_lines=True):
            return condition
        then = self._after_lines(self.expression)
        self._skip_lines()
        self._expect(":")
        otherwise = self._after_lines(self.expression)
        return nodes.ChoiceNode(
            line=condition.line, condition=condition, then=then, otherwise=otherwise
        )

    def _operation(self, strength: int) -> nodes.Node:
        if strength == len(_OPERATORS):
            return self._unary()
        left = self._operation(strength + 1)
        while operator := next((one for one in _OPERATORS[strength] if self._is(one)), None):
            right = self._after_lines(lambda: self._operation(strength + 1))
            left = nodes.OperationNode(line=left.line, operator=operator, operands=(left, right))
        return left

    def _unary(self) -> nodes.Node:
        line = self._token.line
        for operator in ("!", "-"):
            if self._is(operator):
                operand = self._unary()
                return nodes.OperationNode(line=line, operator=operator, operands=(operand,))
        return self._with_what_follows(self._primary())

    def _with_what_follows(self, of: nodes.Node) -> nodes.Node:
        while True:
            line = self._token.line
            if self._is("."):
                of = self._member(of, line, safe=False)
            elif self._is(".?"):
                of = self._member(of, line, safe=True)
            elif self._is("["):
                self._is("?")
                of = nodes.IndexNode(line=line, of=of, index=self.expression())
                self._expect("]")
            elif not self._is("!"):  # "not null": it changes no type that is known here
                return of

    def _member(self, of: nodes.Node, line: int, *, safe: bool) -> nodes.Node:
        name = self._word()
        if self._is("("):
            return nodes.CallNode(line=line, name=name, arguments=self._arguments(), of=of)
        return nodes.MemberNode(line=line, of=of, name=name, safe=safe)

    def _primary(self) -> nodes.Node:
        token = self._token
        if token.kind is Kind.TEXT:
            return self._text()
        if token.kind is Kind.NUMBER:
            self._at += 1
            return nodes.ConstantNode(line=token.line, value=int(token.text))
        if token.kind is Kind.WORD:
            return self._named()
        if self._is("("):
            return self._in_parentheses(token.line)
        if self._is("{"):
            return self._object(token.line)
        if self._is("["):
            return self._array(token.line)
        raise self._unexpected()

    def _named(self) -> nodes.Node:
        line, name = self._token.line, self._word()
        if name in _CONSTANTS:
            return nodes.ConstantNode(line=line, value=_CONSTANTS[name])
        if self._is("=>"):
            return nodes.LambdaNode(line=line, names=(name,), body=self.expression())
        if self._is("("):
            return nodes.CallNode(line=line, name=name, arguments=self._arguments())
        return nodes.NameNode(line=line, name=name)

    def _in_parentheses(self, line: int) -> nodes.Node:
        start = self._at
        if names := self._names_of_lambda():
            return nodes.LambdaNode(line=line, names=names, body=self.expression())
        self._at = start
        inner = self._after_lines(self.expression)
        self._skip_lines()
        self._expect(")")
        return inner

    def _names_of_lambda(self) -> tuple[str, ...]:
        names = []
        while self._token.kind is Kind.WORD:
            names.append(self._word())
            self._is(",")
        return (*names,) if self._is(")") and self._is("=>") else ()

    def _arguments(self) -> tuple[nodes.Node, ...]:
        arguments: list[nodes.Node] = []
        self._skip_lines()
        while not self._is(")"):
            arguments.append(self.expression())
            self._skip_lines()
            if self._is(","):
                self._skip_lines()
            elif self._token.text != ")":
                raise self._unexpected()
        return (*arguments,)

    def _text(self) -> nodes.TextNode:
        token = self._token
        if token.kind is not Kind.TEXT:
            raise self._unexpected()
        self._at += 1
        parts = [
            part if isinstance(part, str) else _Expressions(part).only() for part in token.parts
        ]
        return nodes.TextNode(line=token.line, parts=(*parts,))

    def only(self) -> nodes.Node:
        """Read one expression, and nothing after it."""
        inner = self.expression()
        if self._token.kind is not Kind.END:
            raise self._unexpected()
        return inner

    def _object(self, line: int) -> nodes.ObjectNode:
        entries: list[nodes.EntryNode] = []
        spreads: list[nodes.SpreadNode] = []
        self._skip_lines()
        while not self._is("}"):
            at = self._token.line
            if self._is("..."):
                spreads.append(nodes.SpreadNode(line=at, value=self.expression()))
            else:
                entries.append(self._entry(at))
            self._end_of_item("}")
        return nodes.ObjectNode(line=line, entries=(*entries,), spreads=(*spreads,))

    def _entry(self, line: int) -> nodes.EntryNode:
        if self._token.kind is Kind.WORD:
            key = nodes.TextNode(line=line, parts=(self._word(),))
        else:
            key = self._text()
        self._expect(":")
        return nodes.EntryNode(line=line, key=key, value=self._after_lines(self.expression))

    def _array(self, line: int) -> nodes.Node:
        self._skip_lines()
        if self._token == Token(Kind.WORD, "for", self._token.line):
            return self._loop(line)
        items: list[nodes.Node] = []
        while not self._is("]"):
            at = self._token.line
            spread = self._is("...")
            item = self.expression()
            items.append(nodes.SpreadNode(line=at, value=item) if spread else item)
            self._end_of_item("]")
        return nodes.ArrayNode(line=line, items=(*items,))

    def _loop(self, line: int) -> nodes.LoopNode:
        self._word("for")
        index = None
        if self._is("("):
            item = self._word()
            self._expect(",")
            index = self._word()
            self._expect(")")
        else:
            item = self._word()
        self._word("in")
        over = self.expression()
        self._expect(":")
        body = self._after_lines(self.body)
        self._skip_lines()
        self._expect("]")
        return nodes.LoopNode(line=line, item=item, index=index, over=over, body=body)

    def body(self) -> nodes.Node:
        """Read an expression that can have a condition: `if (…) {…}`."""
        line = self._token.line
        if self._token != Token(Kind.WORD, "if", line):
            return self.expression()
        self._word("if")
        self._expect("(")
        condition = self._in_parentheses(line)
        return nodes.ConditionNode(line=line, condition=condition, body=self.expression())

    def _end_of_item(self, closing: str) -> None:
        if self._token.text not in {",", "\n", closing}:
            raise self._unexpected()
        while self._token.kind is Kind.NEWLINE or self._token.text == ",":
            self._at += 1

    @property
    def _token(self) -> Token:
        return self._tokens[self._at]

    def _is(self, sign: str, *, past_lines: bool = False) -> bool:
        """Step past a sign, if it is next."""
        start = self._at
        if past_lines:
            self._skip_lines()
        if self._token.kind is Kind.SIGN and self._token.text == sign:
            self._at += 1
            return True
        self._at = start
        return False

    def _expect(self, sign: str) -> None:
        if not self._is(sign):
            raise self._unexpected()

    def _word(self, word: str | None = None) -> str:
        token = self._token
        if token.kind is not Kind.WORD or word not in {None, token.text}:
            raise self._unexpected()
        self._at += 1
        return token.text

    def _skip_lines(self) -> None:
        while self._token.kind is Kind.NEWLINE:
            self._at += 1

    def _after_lines(self, reading: Callable[[], nodes.Node]) -> nodes.Node:
        self._skip_lines()
        return reading()

    def _unexpected(self) -> BicepUnreadableError:
        token = self._token
        what = repr(token.text) if token.text.strip() else token.kind.value
        return BicepUnreadableError(token.line, f"can't read this: {what}")


class _Declarations(_Expressions):
    def __init__(self, tokens: tuple[Token, ...]) -> None:
        super().__init__(tokens)
        self._file = nodes.BicepFile()
        self._using: str | None = None
        self._values: list[nodes.EntryNode] = []
        self._allowed: nodes.Node | None = None

    def file(self) -> nodes.BicepFile:
        """Read all declarations."""
        readers = {
            "targetScope": self._target_scope,
            "using": self._for_file,
            "param": self._parameter,
            "var": self._variable,
            "resource": self._resource,
            "module": self._module,
            "output": self._output,
        }
        self._skip_lines()
        while self._token.kind is not Kind.END:
            if self._is("@"):
                self._decorator()
            elif self._token.text in readers:
                line = self._token.line
                readers[self._word()](line)
                self._allowed = None
                if self._token.kind not in {Kind.NEWLINE, Kind.END}:
                    raise self._unexpected()
            else:
                raise self._unexpected()
            self._skip_lines()
        return replace(self._file, using=self._using, values=(*self._values,))

    def _decorator(self) -> None:
        call = self.expression()
        if isinstance(call, nodes.CallNode) and call.name == "allowed" and call.arguments:
            self._allowed = call.arguments[0]

    def _target_scope(self, _: int) -> None:
        self._expect("=")
        self.expression()

    def _for_file(self, _: int) -> None:
        self._using = self._plain_text()

    def _parameter(self, line: int) -> None:
        name = self._word()
        if self._using is not None:
            self._expect("=")
            key = nodes.TextNode(line=line, parts=(name,))
            self._values.append(nodes.EntryNode(line=line, key=key, value=self.expression()))
            return
        written = self._type()
        default = self.expression() if self._is("=") else None
        self._file.parameters[name] = nodes.ParameterNode(
            line=line, name=name, type=written, default=default, allowed=self._allowed
        )

    def _variable(self, line: int) -> None:
        name = self._word()
        self._expect("=")
        self._file.variables[name] = nodes.VariableNode(
            line=line, name=name, value=self.expression()
        )

    def _resource(self, line: int) -> None:
        name, kind = self._word(), self._plain_text()
        existing = self._token.text == "existing" and bool(self._word("existing"))
        self._expect("=")
        self._file.resources[name] = nodes.ResourceNode(
            line=line, name=name, type=kind, existing=existing, body=self.body()
        )

    def _module(self, line: int) -> None:
        name, path = self._word(), self._plain_text()
        self._expect("=")
        self._file.modules[name] = nodes.ModuleNode(
            line=line, name=name, path=path, body=self.body()
        )

    def _output(self, line: int) -> None:
        name, written = self._word(), self._type()
        self._expect("=")
        self._file.outputs[name] = nodes.OutputNode(
            line=line, name=name, type=written, value=self.expression()
        )

    def _type(self) -> nodes.WrittenType:
        literals = [self._literal()] if self._token.kind is not Kind.WORD else []
        name = "" if literals else self._word()
        while literals and self._is("|"):
            literals.append(self._literal())
        dimensions = 0
        while self._is("["):
            self._expect("]")
            dimensions += 1
        return nodes.WrittenType(name, (*literals,), dimensions, nullable=self._is("?"))

    def _literal(self) -> str | int | bool:
        if self._token.kind is Kind.TEXT:
            return self._plain_text()
        node = self._unary()
        if isinstance(node, nodes.ConstantNode) and node.value is not None:
            return node.value
        raise self._unexpected()

    def _plain_text(self) -> str:
        text = self._text().literal
        if text is None:
            raise self._unexpected()
        return text
