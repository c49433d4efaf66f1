"""Connections: a page's rows are read once, whatever is made of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from strawberry.utils.str_converters import to_camel_case

from api.compiled.field import Field, Make
from api.compiled.selection import Unsupported
from api.compiled.text import Json, array_of, boolean, fixed, int32, joined, quoted, string
from api.paging import Args, Key, Kind, Page
from api.reads.listing import Listing
from api.types import inputs

PAGING: Final = ("first", "after", "last", "before")
NEWLINE: Final[ColumnElement[Any]] = literal_column("E'\\n'")


def _made(type_: type) -> Callable[[Mapping[str, Any]], Any]:
    """A filter from its fields as GraphQL names them."""
    names = {to_camel_case(one.name): one.name for one in fields(type_)}
    return lambda told: type_(**{names[name]: value for name, value in told.items()})


FILTERS: Final = {
    one.__name__: _made(one)
    for one in (
        inputs.GroupFilter,
        inputs.MemberFilter,
        inputs.PaymentFilter,
        inputs.RedPacketFilter,
        inputs.EventFilter,
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A list as a field asked for it; `key` is a column that holds its parent's key."""

    field: Field
    listing: Listing[Any]
    page: Page
    where: Any
    key: ColumnElement[Any] | None

    def text(self) -> Json:
        """What is selected of it."""
        selected = self.field.selected()
        names = {nodes[0].name.value for nodes in selected.values()}
        if not names & {"nodes", "edges", "pageInfo"}:
            if self.page.after is not None or self.page.before is not None:
                raise Unsupported("a cursor that only the resolvers would look at")
            return self.field.object_by(self._makes(), select(literal_column("1")).subquery())
        rows = self._rows(self._ahead(selected))
        text = self.field.object_by(self._makes(), rows)
        whole = select(joined(text)).select_from(rows).having(literal_column("true"))
        return (whole.scalar_subquery(),)

    def _ahead(self, selected: Mapping[str, Sequence[Any]]) -> int:
        return int(any(nodes[0].name.value == "pageInfo" for nodes in selected.values()))

    def _rows(self, ahead: int) -> FromClause:
        """The page's rows and perhaps one more, numbered as they are read."""
        found = self.listing.page(self.field.moment, self.where, self.page, self.key, ahead)
        rows = found.subquery()
        if not ahead:
            return rows
        place = func.row_number().over(order_by=self._order(rows, backwards=self.page.backward))
        return select(rows, place.label("place")).subquery()

    def _order(self, rows: FromClause, *, backwards: bool) -> list[ColumnElement[Any]]:
        columns = [rows.c[key.column] for key in self.page.sort.keys]
        descending = self.page.descending != backwards
        return [column.desc() if descending else column.asc() for column in columns]

    def _makes(self) -> Mapping[str, Make]:
        return {
            "nodes": lambda field: self._array(field, joined(field.object(field.row))),
            "edges": lambda field: self._array(
                field, joined(field.object_by({"cursor": self._cursor, "node": _node}, field.row))
            ),
            "pageInfo": lambda field: field.object_by(self._page_info(field.row), field.row),
            "totalCount": lambda _: self._count(),
        }

    def _array(self, field: Field, item: ColumnElement[Any]) -> Json:
        order = self._order(field.row, backwards=False)
        return array_of(item, *order, where=self._shown(field.row))

    def _shown(self, rows: FromClause) -> Any:
        """Whether a row is of the page."""
        return rows.c.place <= self.page.size if "place" in rows.c else None

    def _count(self) -> Json:
        counted = self.listing.count(self.field.moment, self.where, self.key).scalar_subquery()
        return int32(counted)

    def _cursor(self, field: Field) -> Json:
        return quoted(self._position(field.row))

    def _position(self, rows: FromClause) -> ColumnElement[str]:
        """What `Sort.cursor` makes of a row."""
        values = (part for key in self.page.sort.keys for part in (",", *_dumped(key, rows)))
        told = func.convert_to(joined((f'["{self.page.sort.name}"', *values, "]")), fixed("UTF8"))
        encoded = func.replace(func.encode(told, fixed("base64")), NEWLINE, fixed(""))
        return func.translate(func.rtrim(encoded, fixed("=")), fixed("+/"), fixed("-_"))

    def _page_info(self, rows: FromClause) -> Mapping[str, Make]:
        page = self.page
        more = func.count() > page.size
        ahead, behind = ("before", "after") if not page.backward else ("after", "before")
        further = boolean(or_(more, self._beyond(ahead)) if self._bounded(ahead) else more)
        other = boolean(self._beyond(behind)) if self._bounded(behind) else ("false",)
        forward, backward = (other, further) if page.backward else (further, other)
        return {
            "hasNextPage": lambda _: forward,
            "hasPreviousPage": lambda _: backward,
            "startCursor": lambda _: self._end(rows, backwards=False),
            "endCursor": lambda _: self._end(rows, backwards=True),
        }

    def _bounded(self, side: str) -> bool:
        return getattr(self.page, side) is not None

    def _beyond(self, side: str) -> ColumnElement[bool]:
        found = self.listing.beyond(self.field.moment, self.where, self.page, self.key, side)
        return found.exists()

    def _end(self, rows: FromClause, *, backwards: bool) -> Json:
        """The cursor of the page's first row, or its last."""
        order = self._order(rows, backwards=backwards)
        cursor = joined(quoted(self._position(rows)))
        cursors = func.array_agg(aggregate_order_by(cursor, *order)).filter(self._shown(rows))
        return (func.coalesce(cursors[literal_column("1")], fixed("null")),)


def _node(field: Field) -> Json:
    return field.object(field.row)


def _dumped(key: Key, rows: FromClause) -> Json:
    """What `Kind.dump` makes of the row's value."""
    column = rows.c[key.column]
    match key.kind:
        case Kind.INT:
            return (column,)
        case Kind.UINT256:
            return quoted(column)
        case Kind.TEXT:
            return string(column)
        case Kind.TIME:
            microseconds = func.extract("epoch", column) * literal_column("1000000")
            return (cast(microseconds, BigInteger),)


def connection(field: Field, listing: Listing[Any], key: ColumnElement[Any] | None = None) -> Json:
    """The list that the field asks for. Raises what the resolvers raise for wrong arguments."""
    given = field.arguments
    where, order = given.get("where"), given.get("orderBy")
    if order is None:
        sort, descending = next(iter(listing.sorts.values())), listing.descending
    else:
        sort = listing.sorts[order["field"].name]
        descending = order.get("direction", inputs.Direction.DESC) is inputs.Direction.DESC
    args = Args(**{name: given[name] for name in PAGING if name in given})
    page = args.page(sort, descending=descending)
    if where is not None:
        where = FILTERS[str(field.type.fields[field.name].args["where"].type)](where)
    return Connection(field=field, listing=listing, page=page, where=where, key=key).text()


def listed(listing: Listing[Any], key: str) -> Make:
    """A field that leads to the list of the things whose parent has this key."""
    return lambda field: connection(field, listing, field.column(key))
