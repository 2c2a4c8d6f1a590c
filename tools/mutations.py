"""The changes of a source file that `tools.mutants` tries: one place at a time, found in its syntax tree."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

#: How an operator is written, and what takes its place.
_OPERATORS: dict[type[ast.AST], Sequence[str]] = {
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*"),
    ast.Pow: ("**", "*"), ast.FloorDiv: ("//", "*"), ast.Mod: ("%", "*"), ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"), ast.BitAnd: ("&", "|"), ast.BitOr: ("|", "&"),
    ast.And: ("and", "or"), ast.Or: ("or", "and"), ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", "<=", ">="), ast.LtE: ("<=", "<", ">"), ast.Gt: (">", ">=", "<="),
    ast.GtE: (">=", ">", "<"), ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"), ast.NotIn: ("not in", "in"),
}  # fmt: skip
_PAIRS = [("min", "max"), ("minimum", "maximum"), ("floor", "ceil"), ("any", "all"),
          ("argmin", "argmax"), ("idxmin", "idxmax"), ("sum", "prod"), ("cumsum", "cumprod"),
          ("exp", "expm1"), ("log", "log1p"), ("zeros", "ones")]  # fmt: skip
_OPPOSITES = dict(_PAIRS) | {second: first for first, second in _PAIRS}
#: Whole numbers below this become one larger and one smaller, and others half as large.
_LARGE = 10
#: Parts of the syntax that say what something is, not what it does.
_DECLARED = {"annotation", "returns", "decorator_list"}

Change = tuple[int, int, str]  # first byte, last byte, what takes their place


@dataclass(frozen=True)
class Mutant:
    """One change of a source file.

    Args:
        file: path below `src/assocmem`.
        function: name of the function around it, "" outside of all.
        first: first line of that function, 0 outside of all.
        line: first line that differs.
        before: the lines that differ, joined.
        after: what they become.
        text: the whole source with the change.
    """

    file: str
    function: str
    first: int
    line: int
    before: str
    after: str
    text: str

    @property
    def key(self) -> str:
        """What it is known by, wherever its line moves."""
        return "\n".join([self.file, self.function, self.before, self.after])


class _Source:
    """A source as bytes, which is what the syntax tree counts columns in."""

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self._starts = [0]
        for line in self.data.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def span(self, node: Any) -> tuple[int, int]:
        """First byte of a node, and the one after its last."""
        first, last = self._starts[node.lineno - 1], self._starts[node.end_lineno - 1]
        return first + node.col_offset, last + node.end_col_offset

    def operators(self, terms: Sequence[ast.AST], between: Sequence[ast.AST]) -> Iterator[Change]:
        """Other operators between terms."""
        for left, operator, right in zip(terms[:-1], between, terms[1:], strict=True):
            own, *others = _OPERATORS.get(type(operator), [""])
            start = self.data.index(own.encode(), self.span(left)[1], self.span(right)[0])
            yield from ((start, start + len(own), other) for other in others)

    def changes(self, node: ast.AST) -> Iterator[Change]:
        """All changes of one node."""
        match node:
            case ast.Constant(value=bool(value)):
                yield *self.span(node), str(not value)
            case ast.Constant(value=int(value) | float(value)):
                if value != int(value):
                    others = [f"{1.1 * value:.4g}"]
                elif value >= _LARGE:
                    others = [repr(value // 2)]
                else:
                    others = [repr(value + 1)] + [repr(value - 1)] * (value > 0)
                yield from ((*self.span(node), other) for other in others)
            case ast.Return(value=ast.Constant(value=None)):
                pass
            case ast.Return(value=ast.expr() as result):
                yield *self.span(result), "None"
            case ast.Expr(value=ast.Call()):
                yield *self.span(node), "pass"
            case ast.Call(func=ast.Name(id="abs") as name):
                yield *self.span(name), "float"
            case ast.Call(func=(ast.Name(id=name) | ast.Attribute(attr=name)) as function):
                if name in _OPPOSITES:
                    end = self.span(function)[1]
                    yield end - len(name), end, _OPPOSITES[name]
            case ast.BinOp(left=left, op=operator, right=right):
                yield from self.operators([left, right], [operator])
            case ast.AugAssign(target=left, op=operator, value=right):
                yield from self.operators([left, right], [operator])
            case ast.Compare(left=left, comparators=others):
                yield from self.operators([left, *others], node.ops)
            case ast.BoolOp(values=values):
                yield from self.operators(values, [node.op] * (len(values) - 1))
            case ast.UnaryOp(op=(ast.USub() | ast.Not()) as operator):
                start = self.span(node)[0]
                yield start, start + (1 if isinstance(operator, ast.USub) else len("not ")), ""
            case ast.Slice(lower=lower, upper=upper):
                yield from ((*self.span(bound), "") for bound in (lower, upper) if bound)
        for test in [getattr(node, "test", None), *getattr(node, "ifs", [])]:
            # the others have changes of their own
            if test and not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp):
                start, end = self.span(test)
                yield start, end, f"not ({self.data[start:end].decode()})"


def _nodes(node: ast.AST, function: str = "", first: int = 0) -> Iterator[tuple[ast.AST, str, int]]:
    """The nodes that may change, each with the function around it and the first line of that."""
    match node:
        case ast.JoinedStr() | ast.Raise() | ast.Assert() | ast.keyword(arg="strict"):
            return  # texts, messages, and what only asserts
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            function = f"{function}.{name}".lstrip(".")
            if isinstance(node, ast.FunctionDef):
                # a function in a function is a part of it
                first = first or min([node.lineno, *(one.lineno for one in node.decorator_list)])
    yield node, function, first
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        return  # a negative number loses its sign, and that is enough
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and name not in _DECLARED:
                yield from _nodes(child, function, first)


def find(file: str, text: str) -> list[Mutant]:
    """All mutants of a file, in the order of its lines."""
    source, found = _Source(text), dict[str, Mutant]()
    for node, function, first in _nodes(ast.parse(text)):
        for start, end, new in source.changes(node):
            old = source.data
            data = old[:start] + new.encode() + old[end:]
            left, right = old.rfind(b"\n", 0, start) + 1, old.find(b"\n", end) - len(old)
            before, after = (" ".join(part[left:right].decode().split()) for part in (old, data))
            line = old.count(b"\n", 0, start) + 1
            mutant = Mutant(file, function, first, line, before, after, data.decode())
            while found.setdefault(mutant.key, mutant) is not mutant:
                mutant = replace(mutant, before=f"{mutant.before} (again)")
    return sorted(found.values(), key=lambda mutant: mutant.line)
