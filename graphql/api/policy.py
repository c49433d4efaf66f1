"""What errors look like outside: each has a code, and an id that the log has; bugs are masked."""

from collections.abc import AsyncIterator, Iterable
from secrets import token_hex
from typing import Any, Final

from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from api import metrics
from api.context import Context
from api.errors import Code
from indexer.log import get_logger

log = get_logger(__name__)

UNANSWERABLE: Final = (
    ValueError,
    CannotGetOperationTypeError,
    InvalidOperationTypeError,
    MissingQueryError,
)
"""What Strawberry raises, before anything is executed, where a request names no operation."""


class Operation(SchemaExtension):
    """Ends snapshots: at the operation's end, and with each result of a subscription."""

    async def on_operation(self) -> AsyncIterator[None]:
        metrics.OPERATIONS.inc()
        try:
            yield
        finally:
            await self._end()

    async def on_stream_result(self, result: Any) -> AsyncIterator[None]:
        await self._end()
        dress(result)
        yield

    async def _end(self) -> None:
        context = self.execution_context.context
        if isinstance(context, Context):
            await context.close()


def dress(result: Any) -> None:
    """Makes a result's errors what clients may see."""
    if result is not None and result.errors:
        result.errors = dressed(result.errors)


def dressed(errors: Iterable[GraphQLError]) -> list[GraphQLError]:
    """The errors as clients may see them; each is logged under its id."""
    return [_dressed(error, token_hex(8)) for error in errors]


def _dressed(error: GraphQLError, id_: str) -> GraphQLError:
    code = _code(error)
    metrics.ERRORS.labels(str(code)).inc()
    where = "/".join(map(str, error.path or ()))
    if code is Code.INTERNAL_ERROR:
        log.error("query failed", id=id_, path=where, exc_info=error.original_error or error)
        return _like(error, f"Internal error (id {id_})", {"code": str(code), "id": id_})
    if isinstance(error.original_error, RecursionError):
        error = _like(error, "the document is nested too deeply", {})
    log.info("query refused", id=id_, code=str(code), path=where, reason=error.message)
    return _like(error, error.message, {**(error.extensions or {}), "code": str(code), "id": id_})


def _like(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )


def _code(error: GraphQLError) -> Code:
    extensions = error.extensions or {}
    if "code" in extensions:
        return Code(extensions["code"])
    if isinstance(error, GraphQLSyntaxError):
        return Code.GRAPHQL_PARSE_FAILED
    match error.original_error:
        case None | GraphQLError():
            return Code.BAD_USER_INPUT if _about_values(error) else Code.GRAPHQL_VALIDATION_FAILED
        case one if isinstance(one, UNANSWERABLE) and error.path is None:
            return Code.BAD_USER_INPUT
        case RecursionError():
            return Code.LIMIT_EXCEEDED
    return Code.INTERNAL_ERROR


def _about_values(error: GraphQLError) -> bool:
    of_variable = error.message.startswith("Variable ") and " has invalid " in error.message
    return error.path is not None or of_variable
