"""How deep a document goes and how many aliases it uses, each fragment being measured once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    ValidationRule,
)

from api.errors import ApiError, Code


@dataclass(frozen=True, slots=True)
class Size:
    """Levels of fields, and aliases in all (those of a fragment count wherever it is spread)."""

    depth: int = 0
    aliases: int = 0


class Measure:
    """Sizes of the operations of one document; unknown and cyclic fragments count as nothing."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._known: dict[str, Size] = {}

    def of(self, selections: Iterable[SelectionNode]) -> Size:
        sizes = [self._one(selection) for selection in selections]
        return Size(
            max((size.depth for size in sizes), default=0), sum(size.aliases for size in sizes)
        )

    def _one(self, selection: SelectionNode) -> Size:
        match selection:
            case FieldNode():
                return self._field(selection)
            case InlineFragmentNode():
                return self.of(selection.selection_set.selections)
            case FragmentSpreadNode():
                return self._fragment(selection.name.value)
        raise TypeError(selection.kind)

    def _field(self, field: FieldNode) -> Size:
        inner = self.of(field.selection_set.selections) if field.selection_set else Size()
        introspection = field.name.value.startswith("__")
        return Size(0 if introspection else inner.depth + 1, inner.aliases + bool(field.alias))

    def _fragment(self, name: str) -> Size:
        if name not in self._known and name in self._fragments:
            self._known[name] = Size()
            self._known[name] = self.of(self._fragments[name].selection_set.selections)
        return self._known.get(name, Size())


def size_rule(*, depth: int, aliases: int) -> type[ValidationRule]:
    """A validation rule that refuses documents beyond these bounds."""

    class SizeRule(ValidationRule):
        def enter_document(self, node: DocumentNode, *_: Any) -> None:
            measure = Measure(node)
            for definition in node.definitions:
                if isinstance(definition, OperationDefinitionNode):
                    self._check(measure.of(definition.selection_set.selections))

        def _check(self, size: Size) -> None:
            if size.depth > depth:
                self.report_error(_exceeded("depth", size.depth, depth))
            if size.aliases > aliases:
                self.report_error(_exceeded("aliases", size.aliases, aliases))

    return SizeRule


def _exceeded(what: str, found: int, limit: int) -> ApiError:
    message = f"the operation's {what} is {found}; at most {limit} is allowed"
    return ApiError(Code.LIMIT_EXCEEDED, message, measure=what, limit=limit)
