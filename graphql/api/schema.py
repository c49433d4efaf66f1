"""The schema, put together."""

from collections.abc import Iterable
from typing import Any

import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLError,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext, ExecutionResult

from api.context import Context
from api.limits import Limits
from api.policy import Operation, dress
from api.scalars import SCALARS, Bytes
from api.types.query import Query
from api.types.subscription import Subscription


class Schema(strawberry.Schema):
    """Errors leave as `policy` makes them, and are logged there, once and with their id."""

    async def execute(self, *args: Any, **kwargs: Any) -> ExecutionResult:
        result = await super().execute(*args, **kwargs)
        dress(result)
        return result

    async def stream(self, *args: Any, **kwargs: Any) -> Any:
        """Each operation of a connection gets a context, and so a snapshot, of its own."""
        shared = kwargs.get("context_value")
        if isinstance(shared, Context):
            kwargs["context_value"] = Context(shared.index)
        return await super().stream(*args, **kwargs)

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Logs nothing."""


def make_schema(limits: Limits) -> Schema:
    """The executable schema with these limits."""
    schema = Schema(
        query=Query,
        subscription=Subscription,
        types=[Bytes],
        config=StrawberryConfig(scalar_map=SCALARS),
        extensions=[Operation, *limits.extensions()],
    )
    _without_null_defaults(schema._schema)
    return schema


def _without_null_defaults(schema: GraphQLSchema) -> None:
    """Makes `first: Int = null` the plain `first: Int`: Python's own defaults do the same."""
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            _clear(type_.fields.values())
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for field in type_.fields.values():
                _clear(field.args.values())


def _clear(inputs: Iterable[GraphQLArgument | GraphQLInputField]) -> None:
    for item in inputs:
        if item.default_value is None:
            item.default_value = Undefined
