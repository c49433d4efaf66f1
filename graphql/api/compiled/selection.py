"""What a document selects: fields by the name that they have in the answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    is_abstract_type,
)
from graphql.utilities import coerce_input_literal

from api.reads.late import Late

Values = Mapping[str, Any]
"""Of an operation's variables: values where the statement depends on them, else late ones."""
Selected = dict[str, list[FieldNode]]
ABSENT: Final = object()


class Unsupported(Exception):
    """The resolvers have to answer this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """One operation's document, with its variables."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    values: Values

    @classmethod
    def of(cls, schema: GraphQLSchema, document: DocumentNode, values: Values) -> "Selection":
        fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        return cls(schema=schema, fragments=fragments, values=values)

    def fields(self, sets: Iterable[SelectionSetNode | None], type_: GraphQLObjectType) -> Selected:
        """The fields that these sets select of an object of this type, in the answer's order."""
        found: Selected = {}
        for one in sets:
            self._collect(one, type_, found, set())
        return found

    def _collect(
        self,
        selections: SelectionSetNode | None,
        type_: GraphQLObjectType,
        found: Selected,
        spread: set[str],
    ) -> None:
        for node in selections.selections if selections else ():
            if not self._included(node.directives):
                continue
            match node:
                case FieldNode():
                    name = node.alias.value if node.alias else node.name.value
                    found.setdefault(name, []).append(node)
                case InlineFragmentNode():
                    if self._applies(node.type_condition, type_):
                        self._collect(node.selection_set, type_, found, spread)
                case FragmentSpreadNode() if node.name.value not in spread:
                    spread.add(node.name.value)
                    fragment = self.fragments[node.name.value]
                    if self._applies(fragment.type_condition, type_):
                        self._collect(fragment.selection_set, type_, found, spread)

    def _applies(self, condition: Any, type_: GraphQLObjectType) -> bool:
        if condition is None or condition.name.value == type_.name:
            return True
        wanted = self.schema.get_type(condition.name.value)
        return is_abstract_type(wanted) and self.schema.is_sub_type(wanted, type_)

    def _included(self, directives: Iterable[DirectiveNode] | None) -> bool:
        included = True
        for directive in directives or ():
            if directive.name.value not in ("skip", "include"):
                raise Unsupported(f"@{directive.name.value}")
            [argument] = directive.arguments or ()
            told = argument.value
            value = told.value if isinstance(told, BooleanValueNode) else self.value(told, None)
            included &= bool(value) is (directive.name.value == "include")
        return included

    def arguments(self, node: FieldNode, type_: GraphQLObjectType) -> dict[str, Any]:
        """The arguments that are given and not null, by their names in the schema."""
        known = type_.fields[node.name.value].args
        given = {
            one.name.value: self.value(one.value, known[one.name.value].type)
            for one in node.arguments or ()
        }
        return {name: value for name, value in given.items() if value not in (ABSENT, None)}

    def value(self, node: ValueNode, type_: Any) -> Any:
        """A literal's or a variable's value; input objects are dicts without what is absent."""
        if isinstance(node, VariableNode):
            return self.values.get(node.name.value, ABSENT)
        if isinstance(node, NullValueNode):
            return None
        inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        if isinstance(inner, GraphQLList):
            return self._list(node, inner.of_type)
        if isinstance(inner, GraphQLInputObjectType):
            assert isinstance(node, ObjectValueNode)
            made = {
                f.name.value: self.value(f.value, inner.fields[f.name.value].type)
                for f in node.fields
            }
            return {name: value for name, value in made.items() if value is not ABSENT}
        return coerce_input_literal(node, inner)

    def _list(self, node: ValueNode, item: Any) -> Any:
        nodes = node.values if isinstance(node, ListValueNode) else (node,)
        values = [self.value(one, item) for one in nodes]
        if not any(isinstance(one, Late) for one in values):
            return values
        return Late(
            lambda variables: [
                one.read(variables) if isinstance(one, Late) else one for one in values
            ]
        )
