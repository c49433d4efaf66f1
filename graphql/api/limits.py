"""How much one client may ask for, and how long it may take."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from graphql import GraphQLError
from strawberry.extensions import (
    AddValidationRules,
    MaxTokensLimiter,
    ParserCache,
    SchemaExtension,
    ValidationCache,
)

from api.size import size_rule

DEFAULT_PAGE = 20
LARGEST_PAGE = 200
INT_MAX = 2**31 - 1


class Parsed(ParserCache):
    """Remembers parsed documents; what cannot be parsed is left to Strawberry, which reports it."""

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        with suppress(GraphQLError, RecursionError):
            parsed = self.cached_parse_document(context.query, **context.parse_options)
            context.graphql_document = parsed
        yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one operation and of this process. Times are seconds."""

    depth: int = 15
    aliases: int = 50
    tokens: int = 2000
    cached_documents: int = 512
    block_wait: float = 5.0
    statement_time: float = 10.0
    connections: int = 10
    connection_wait: float = 10.0
    subscriptions: int = 100
    queued_updates: int = 1000
    shutdown: int = 5

    def extensions(self) -> list[Callable[[], SchemaExtension]]:
        """The checks of a document; parsed and validated documents are remembered."""
        rule = size_rule(depth=self.depth, aliases=self.aliases)
        return [
            lambda: MaxTokensLimiter(max_token_count=self.tokens),
            lambda: Parsed(maxsize=self.cached_documents),
            lambda: AddValidationRules([rule]),
            lambda: ValidationCache(maxsize=self.cached_documents),
        ]


def int32(value: int) -> int:
    """The value as GraphQL's Int holds it: what lies beyond 2^31-1 is that."""
    return min(int(value), INT_MAX)
