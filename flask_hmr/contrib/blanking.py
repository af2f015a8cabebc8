"""TypeScript without its types: each of them becomes blanks, and all else stays.

What is left is JavaScript with the same lines and columns, so there is no source map.
That works for all that TypeScript itself calls `erasable
<https://www.typescriptlang.org/tsconfig/#erasableSyntaxOnly>`__; the rest (enums,
namespaces with values, parameter properties, ``import x =``, ``<T>x``) has to become
code and is refused.

tree-sitter parses it. Its grammar does not know everything, so nothing is guessed: what
is not understood is refused, and the result is parsed once more to see that no type is
left.
"""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

_LANGUAGE = Language(tree_sitter_typescript.language_typescript())

# What is blanked wherever it stands.
_TYPES = frozenset(
    {
        "accessibility_modifier",
        "asserts_annotation",
        "implements_clause",
        "override_modifier",
        "type_annotation",
        "type_arguments",
        "type_parameters",
        "type_predicate_annotation",
    }
)
# Statements, and members of classes, of which nothing stays.
_STATEMENTS = frozenset(
    {
        "ambient_declaration",
        "function_signature",
        "interface_declaration",
        "type_alias_declaration",
    }
)
_MEMBERS = frozenset(
    {"abstract_method_signature", "index_signature", "method_signature"}
)
_REFUSED = {
    "enum_declaration": "An enum is code and no type: write an object, `as const`.",
    "import_alias": "`import a = b` is code and no type: write `const a = b`.",
    "import_require_clause": "`import a = require(…)` is CommonJS: import it.",
    "internal_module": "A namespace with values is code and no type: write a module.",
    "module": "A namespace with values is code and no type: write a module.",
    "type_assertion": "`<T>x` cannot be blanked: write `x as T`.",
}
_LEFT_OVER = (
    _TYPES
    | _STATEMENTS
    | _MEMBERS
    | {*_REFUSED, "as_expression", "non_null_expression", "satisfies_expression"}
)
# What may end with a type, and go on with the next line once that is blank.
_ENDS = frozenset(
    {
        "export_statement",
        "expression_statement",
        "lexical_declaration",
        "public_field_definition",
        "return_statement",
        "throw_statement",
        "variable_declaration",
    }
)
_GOES_ON = frozenset(
    {
        "call_expression",
        "member_expression",
        "non_null_expression",
        "subscript_expression",
    }
)
_MODIFIERS = frozenset({"abstract", "accessibility_modifier", "declare"})
_MODIFIERS |= {"override_modifier", "readonly"}

_NEWLINES = "\n\r\u2028\u2029"


def blank(source: str, name: str = "<typescript>") -> str:
    """Return TypeScript as JavaScript, with blanks in place of types.

    :param source: the text, of a ``.ts`` or ``.mts`` file.
    :param name: what errors call it.
    :raises SyntaxError: it is no TypeScript, or needs more than blanks; with
        ``filename``, ``lineno`` and ``offset``.
    """
    data = source.encode("utf-8", "surrogateescape")
    root = Parser(_LANGUAGE).parse(data).root_node
    if root.has_error:
        raise _error(_first_error(root), data, name, "This is not understood here.")
    blanker = _Blanker(data, name)
    blanker.walk(root)
    text = blanker.text()
    _check(text, name)
    return text


class _Blanker:
    """One walk through one file."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data = data
        self._name = name
        self._spans: list[tuple[int, int]] = []
        # What stands in a span instead of a blank.
        self._marks: dict[int, str] = {}
        # Where statements end that have no semicolon.
        self._ends: set[int] = set()

    def walk(self, root: Node) -> None:
        """Take in all nodes; expressions may be nested too deeply for recursion."""
        waiting = [root]
        while waiting:
            waiting += reversed(self._visit(waiting.pop()))

    def _visit(self, node: Node) -> list[Node]:
        """Take in a node, and return those below it that are to be looked at."""
        kind = node.type
        if kind in _STATEMENTS or kind in _MEMBERS or self._is_gone(node):
            self._drop(node)
            return []
        if kind in _REFUSED:
            raise _error(node, self._data, self._name, _REFUSED[kind])
        if kind in _TYPES:
            self._blank(node.start_byte, node.end_byte)
            self._lines(node)
            return []
        if kind in ("as_expression", "satisfies_expression"):
            return [self._as(node)]
        if kind in _ENDS and not _has_semicolon(node):
            self._ends.add(node.end_byte)
        self._take(kind, node)
        return [child for child in node.children if child.child_count]

    def _take(self, kind: str, node: Node) -> None:
        """Blank what a node has of types in its own tokens."""
        tokens = {child.type: child for child in node.children}
        if kind in ("required_parameter", "optional_parameter"):
            self._parameter(node, tokens)
        elif kind in ("import_specifier", "export_specifier"):
            if node.children[0].type in ("type", "typeof") and len(node.children) > 1:
                self._item(node)
        elif kind in ("public_field_definition", "method_definition"):
            self._member(node, tokens)
        elif kind == "abstract_class_declaration":
            self._token(tokens.get("abstract"))
        elif kind in ("non_null_expression", "variable_declarator"):
            self._token(tokens.get("!"))
        elif kind == "arrow_function":
            self._arrow(node)
        elif kind == "binary_expression":
            self._tagged(node)
        elif kind == "export_statement" and ("=" in tokens or "namespace" in tokens):
            text = "This is of CommonJS: write `export default` or `export { … }`."
            raise _error(node, self._data, self._name, text)

    def _as(self, node: Node) -> Node:
        """Blank the type behind an expression, and return the expression."""
        inner = node.children[0]
        self._blank(inner.end_byte, node.end_byte)
        self._lines(node)
        above, behind = node.parent, node.next_sibling
        if above is not None and above.type in _GOES_ON and behind is not None:
            if node != above.children[0]:
                return inner
            # By TypeScript's grammar nothing of this goes on with what "as" made, so
            # there is the end of the statement.
            if not self._breaks(node.end_byte, behind.start_byte):
                text = "Put this into parentheses, with its type."
                raise _error(node, self._data, self._name, text)
            self._ends.add(node.end_byte)
        return inner

    def _lines(self, node: Node) -> None:
        """Refuse a bracket on a new line, which the grammar takes for the type's."""
        found = _first(node, frozenset({"array_type", "lookup_type"}))
        while found is not None:
            first, bracket = found.children[:2]
            if self._breaks(first.end_byte, bracket.start_byte):
                text = "A bracket begins this line: put a semicolon before it."
                raise _error(bracket, self._data, self._name, text)
            found = _first(first, frozenset({"array_type", "lookup_type"}))

    def _parameter(self, node: Node, tokens: dict[str, Node]) -> None:
        for kind in ("accessibility_modifier", "override_modifier", "readonly"):
            if kind in tokens:
                text = (
                    "A parameter that is a property is code and no type: write the"
                    " field, and assign it."
                )
                raise _error(tokens[kind], self._data, self._name, text)
        self._token(tokens.get("?"))
        if "this" in tokens:
            self._item(node)

    def _member(self, node: Node, tokens: dict[str, Node]) -> None:
        for kind in ("?", "!", "readonly"):
            self._token(tokens.get(kind))
        first = node.children[0]
        if first.type in _MODIFIERS and not _is_decorated(node):
            # The field before may go on, with what comes after the modifier.
            self._marks[first.start_byte] = ";"

    def _arrow(self, node: Node) -> None:
        """Keep an arrow function in one piece where a type had several lines."""
        parameters = node.child_by_field_name("parameters")
        generic = node.child_by_field_name("type_parameters")
        result = node.child_by_field_name("return_type")
        if parameters is None:
            return
        if generic is not None and self._breaks(
            generic.start_byte, parameters.start_byte
        ):
            # No line may end after "async", or after a "return" before all this.
            self._blank(parameters.start_byte, parameters.start_byte + 1)
            self._marks[generic.start_byte] = "("
        if result is not None and self._breaks(parameters.end_byte, result.end_byte):
            # Nor before "=>".
            self._blank(parameters.end_byte - 1, parameters.end_byte)
            self._marks[result.end_byte - 1] = ")"

    def _tagged(self, node: Node) -> None:
        """Refuse what the grammar takes for two comparisons."""
        left, operator, right = node.children[0], node.children[1], node.children[-1]
        if (
            operator.type == ">"
            and right.type == "template_string"
            and left.type == "binary_expression"
            and left.children[1].type == "<"
        ):
            text = (
                "Types of a tagged template are not understood: give them to a"
                " function that you call, or put the comparison in parentheses."
            )
            raise _error(left, self._data, self._name, text)

    def _is_gone(self, node: Node) -> bool:
        """Tell whether a statement or member has no code in it."""
        kinds = [child.type for child in node.children]
        if node.type in ("import_statement", "export_statement"):
            if "type" in kinds:
                return True
            declared = node.child_by_field_name("declaration")
            if declared is not None:
                return declared.type in _STATEMENTS or self._is_gone(declared)
            return "function_signature" in kinds or "interface_declaration" in kinds
        if node.type == "public_field_definition":
            return "declare" in kinds or "abstract" in kinds
        if node.type == "expression_statement" and node.named_child_count == 1:
            inner = node.named_children[0]
            return inner.type == "internal_module" and self._is_gone(inner)
        if node.type in ("internal_module", "module"):
            body = node.child_by_field_name("body")
            return body is not None and all(
                one.type in _STATEMENTS or one.type == "comment" or self._is_gone(one)
                for one in body.named_children
            )
        return False

    # Edits

    def _drop(self, node: Node) -> None:
        """Take a whole statement or member out."""
        self._blank(node.start_byte, node.end_byte)
        # Lest the statement before goes on with the one behind.
        if not _is_decorated(node):
            self._marks[node.start_byte] = ";"

    def _item(self, node: Node) -> None:
        """Take an item out of a list, with the comma behind it."""
        comma = node.next_sibling
        has_comma = comma is not None and comma.type == ","
        end = comma.end_byte if comma is not None and has_comma else node.end_byte
        self._blank(node.start_byte, end)

    def _token(self, token: Node | None) -> None:
        if token is not None:
            self._blank(token.start_byte, token.end_byte)

    def _blank(self, start: int, end: int) -> None:
        self._spans.append((start, end))

    def _breaks(self, start: int, end: int) -> bool:
        text = self._data[start:end].decode("utf-8", "surrogateescape")
        return not set(_NEWLINES).isdisjoint(text)

    def text(self) -> str:
        """Return the text with all that is blanked."""
        parts = []
        position = 0
        for start, end in _joined(self._spans):
            parts.append(self._decoded(position, start))
            if end in self._ends:
                self._marks[end - 1] = ";"
            parts.append(self._blanks(start, end))
            position = end
        parts.append(self._decoded(position, len(self._data)))
        return "".join(parts)

    def _blanks(self, start: int, end: int) -> str:
        """Return what stands in place of a span: blanks, lines, and a mark or two."""
        blanks = []
        for character in self._decoded(start, end):
            size = len(character.encode("utf-8", "surrogateescape"))
            # A mark takes the place of one character, whatever its bytes are.
            marks = filter(None, map(self._marks.get, range(start, start + size)))
            mark = next(marks, character if character in _NEWLINES else " ")
            # A column is a UTF-16 unit: beyond the first plane a character takes two.
            blanks.append(mark if character < "\U00010000" else f"{mark} ")
            start += size
        return "".join(blanks)

    def _decoded(self, start: int, end: int) -> str:
        return self._data[start:end].decode("utf-8", "surrogateescape")


def _is_decorated(node: Node) -> bool:
    before = node.prev_sibling
    return before is not None and before.type == "decorator"


def _joined(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield spans in order, those that touch each other as one."""
    start = end = -1
    for one, other in sorted(spans):
        if one > end:
            if start >= 0:
                yield start, end
            start, end = one, other
        end = max(end, other)
    if start >= 0:
        yield start, end


def _has_semicolon(node: Node) -> bool:
    """Tell whether a statement or member ends with a semicolon, in it or behind it."""
    last, behind = node.children[-1], node.next_sibling
    return last.type == ";" or (behind is not None and behind.type == ";")


def _check(text: str, name: str) -> None:
    """Make sure that no type is left."""
    data = text.encode("utf-8", "surrogateescape")
    root = Parser(_LANGUAGE).parse(data).root_node
    wrong = _first_error(root) if root.has_error else _first(root, _LEFT_OVER)
    if wrong is not None:
        raise _error(wrong, data, name, "This cannot be blanked: write it otherwise.")


def _first(root: Node, kinds: frozenset[str]) -> Node | None:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type in kinds:
            return node
        waiting += reversed(node.children)
    return None


def _first_error(node: Node) -> Node:
    """Return the innermost node that is wrong, or missing."""
    while True:
        wrong = (one for one in node.children if one.is_missing or one.has_error)
        inner = next(wrong, None)
        if inner is None:
            return node
        node = inner


def _error(node: Node, data: bytes, name: str, text: str) -> SyntaxError:
    row, column = node.start_point
    line = data.split(b"\n")[row].decode("utf-8", "surrogateescape")
    before = line.encode("utf-8", "surrogateescape")[:column]
    offset = len(before.decode("utf-8", "surrogateescape")) + 1
    return SyntaxError(text, (name, row + 1, offset, line))
