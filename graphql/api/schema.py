"""The schema, put together."""

from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from typing import Any, Final

import strawberry
from graphql import (
    DocumentNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.tools import merge_types
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType

from api import metrics
from api.compiled.plans import Plans
from api.context import Context
from api.errors import bad_input
from api.happenings import EVENTS
from api.limits import Limits
from api.messages import pages, plain
from api.policy import Operation, dress
from api.scalars import SCALARS, Bytes
from api.sharing import key_of
from api.types.keys import KeyQuery
from api.types.mutation import Mutation
from api.types.query import Query
from api.types.sessions import AccountQuery
from api.types.subscription import Subscription

ROOT: Final[Any] = merge_types("Query", (Query, AccountQuery, KeyQuery))
STREAMS: Final = (
    "a subscription is a stream: ask by WebSocket (graphql-transport-ws), or with the header"
    " `Accept: text/event-stream`"
)


class Schema(strawberry.Schema):
    """Errors leave as `policy` makes them, and are logged there, once and with their id.

    What passes all checks is admitted to the `plans`, where there are any.
    """

    plans: Plans | None = None

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> ExecutionResult:
        """One answer; raises BAD_USER_INPUT for subscriptions, which have many."""
        if isinstance(context_value, Context) and kwargs.get("operation_name") is None:
            page = await self._page(query or "", variable_values or {}, context_value)
            if page is not None:
                return page
        allowed = set(kwargs.get("allowed_operation_types") or OperationType)
        kwargs["allowed_operation_types"] = allowed - {OperationType.SUBSCRIPTION}
        try:
            result = await super().execute(query, variable_values, context_value, *args, **kwargs)
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.SUBSCRIPTION:
                raise bad_input("query", STREAMS) from None
            raise
        dress(result)
        return result

    async def _page(
        self, text: str, variables: dict[str, Any], context: Context
    ) -> ExecutionResult | None:
        """A page of history, where that is all that is asked for, and it is not refused."""
        plan = self._pages(text)
        if plan is None:
            return None
        try:
            data = await pages.answer(context, self._schema, plan, variables)
        except (pages.Unsuitable, GraphQLError):
            await context.renew()
            return None
        except BaseException:
            await context.close()
            raise
        await context.close()
        metrics.OPERATIONS.inc()
        return ExecutionResult(data=data, errors=None)

    @lru_cache(maxsize=256)  # noqa: B019 - there is one schema in a process
    def _pages(self, text: str) -> pages.Plan | None:
        return pages.planned(self._schema, text)

    async def stream(self, *args: Any, **kwargs: Any) -> Any:
        """Each operation of a connection gets a context, and so a snapshot, of its own."""
        shared = kwargs.get("context_value")
        if isinstance(shared, Context):
            kwargs["context_value"] = context = shared.another()
            text = kwargs.get("query", args[0] if args else None)
            name, variables = kwargs.get("operation_name"), kwargs.get("variable_values") or {}
            key = None if shared.viewer.address else key_of(text or "", name, variables)
            if key is not None:
                begin = partial(super().stream, *args, **kwargs)
                return shared.index.sharing.heard(key, begin)
            plan = self._plan(text or "") if name is None else None
            if plan is not None:
                try:
                    arguments = plan.arguments(self._schema, variables)
                except GraphQLError:
                    arguments = None  # executed, it is refused like any other
                if arguments is not None:
                    return plain.results(context, plan, arguments)
        return await super().stream(*args, **kwargs)

    @lru_cache(maxsize=256)  # noqa: B019 - there is one schema in a process
    def _plan(self, text: str) -> plain.Plan | None:
        return plain.planned(self._schema, text, (*plain.MESSAGES, EVENTS))

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Logs nothing."""


class Choice(SchemaExtension):
    """Refuses documents of several operations that do not say which is meant (GraphQL 6.1)."""

    def on_validate(self) -> Iterator[None]:
        told = self.execution_context
        document = told.graphql_document
        unnamed = told._provided_operation_name is None and not told.pre_execution_errors
        if unnamed and document is not None and _several(document):
            problem = "this document has several operations: name the one that is meant"
            told.pre_execution_errors = [bad_input("operationName", problem)]
        yield


def _several(document: DocumentNode) -> bool:
    return sum(isinstance(one, OperationDefinitionNode) for one in document.definitions) > 1


class Admission(SchemaExtension):
    """Tells the plans of operations that are about to be executed, and may come again."""

    def on_execute(self) -> Iterator[None]:
        told = self.execution_context
        schema, context, document = told.schema, told.context, told.graphql_document
        if isinstance(schema, Schema) and schema.plans is not None and document is not None:
            if isinstance(context, Context) and context.asked is not None:
                schema.plans.admit(context.asked, document, told.variables)
        yield


def make_schema(limits: Limits) -> Schema:
    """The executable schema with these limits."""
    schema = Schema(
        query=ROOT,
        mutation=Mutation,
        subscription=Subscription,
        types=[Bytes],
        config=StrawberryConfig(scalar_map=SCALARS),
        extensions=[Operation, *limits.extensions(), Choice, Admission],
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
