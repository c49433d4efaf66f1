"""A selected field where it is compiled, and the objects and lists that it leads to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql import FieldNode, GraphQLObjectType, get_named_type
from sqlalchemy import ColumnElement, FromClause, Select, case, func, select

from api.compiled.selection import Selected, Selection, Unsupported
from api.compiled.text import UNSAID, Json, fixed, joined, object_of
from api.reads.lists import Lookup
from api.reads.moment import Moment

Make = Callable[["Field"], Json]
Kinds = Mapping[str, Mapping[str, Make]]
"""By the name of a type, and of a field of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`type` has the field; `row` is the object's, read at `moment`; `nodes` select the field."""

    selection: Selection
    kinds: Kinds
    type: GraphQLObjectType
    nodes: Sequence[FieldNode]
    row: FromClause
    moment: Moment

    @property
    def name(self) -> str:
        return self.nodes[0].name.value

    @property
    def arguments(self) -> dict[str, Any]:
        return self.selection.arguments(self.nodes[0], self.type)

    @property
    def result(self) -> GraphQLObjectType:
        """The type of the objects that the field leads to."""
        named = get_named_type(self.type.fields[self.name].type)
        if not isinstance(named, GraphQLObjectType):
            raise Unsupported(named.name)
        return named

    def selected(self) -> Selected:
        """What is selected of the result."""
        return self.selection.fields((node.selection_set for node in self.nodes), self.result)

    def at(self, moment: Moment) -> "Field":
        """The same field, and all below it, at another moment."""
        return replace(self, moment=moment)

    def column(self, name: str) -> ColumnElement[Any]:
        return self.row.c[name]

    def object(self, row: FromClause) -> Json:
        """The result as an object that this row is."""
        return self.object_by(self.kinds.get(self.result.name, {}), row)

    def object_by(self, makes: Mapping[str, Make], row: FromClause) -> Json:
        """The same, with its fields made by these."""
        selection, result = self.selection, self.result
        return compiled_object(
            selection, self.kinds, makes, result, self.selected(), row, self.moment
        )

    def one(self, found: Select[Any], *, promised: bool = False) -> Json:
        """The result as an object, read by a query of at most one row; null where there is none.
        `promised`: there has to be one.
        """
        row = found.subquery()
        text = select(joined(self.object(row))).select_from(row).scalar_subquery()
        return (func.coalesce(text, fixed(UNSAID if promised else "null")),)

    def looked_up(self, lookup: Lookup, *key: ColumnElement[Any], promised: bool = False) -> Json:
        """The result as the object that has this key."""
        return self.one(found_by(lookup, self.moment, key, self.row), promised=promised)


def found_by(
    lookup: Lookup, moment: Moment, key: Sequence[Any], outer: FromClause | None = None
) -> Select[Any]:
    """The row that has this key, of which parts may be columns of `outer`."""
    rows = lookup.rows(moment)
    equal = (rows.c[name] == value for name, value in zip(lookup.columns, key, strict=True))
    found = select(rows).where(*equal).limit(1)
    return found if outer is None else found.correlate(outer)


def compiled_object(
    selection: Selection,
    kinds: Kinds,
    makes: Mapping[str, Make],
    type_: GraphQLObjectType,
    selected: Selected,
    row: FromClause,
    moment: Moment,
) -> Json:
    """The object as JSON. Raises Unsupported."""

    def member(nodes: Sequence[FieldNode]) -> Json:
        name = nodes[0].name.value
        if name == "__typename":
            return (f'"{type_.name}"',)
        if name not in makes:
            raise Unsupported(f"{type_.name}.{name}")
        return makes[name](
            Field(selection=selection, kinds=kinds, type=type_, nodes=nodes, row=row, moment=moment)
        )

    return object_of((name, member(nodes)) for name, nodes in selected.items())


def guarded(condition: Any, text: Json) -> Json:
    """The text where the condition holds; elsewhere the resolvers are asked."""
    return (case((condition, joined(text)), else_=fixed(UNSAID)),)
