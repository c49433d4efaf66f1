"""How much one client may ask for, and how long it may take."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from graphql import ASTValidationRule, GraphQLError, NoSchemaIntrospectionCustomRule
from strawberry.extensions import (
    AddValidationRules,
    MaxTokensLimiter,
    ParserCache,
    SchemaExtension,
    ValidationCache,
)

from api.complexity import Complexity
from api.size import size_rule
from indexer.settings import Settings

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
    """Bounds of one operation and of this process. Times are seconds, sizes bytes.

    `prepared` is how many transactions one operation may prepare, `node_time` what a node may take
    for each. A connection may have so many `subscriptions`, the address of a client so many
    `seats`: connections and subscriptions. `rows` are those that an operation could touch,
    `queued_updates` those that a subscriber may be behind; one that takes nothing for `sending`
    seconds is cut off. WebSockets are pinged every `heartbeat` seconds.
    """

    depth: int = 15
    aliases: int = 50
    tokens: int = 2000
    rows: int = 50_000
    body: int = 262_144
    cached_documents: int = 512
    block_wait: float = 5.0
    statement_time: float = 10.0
    node_time: float = 10.0
    prepared: int = 10
    connections: int = 10
    connection_wait: float = 10.0
    subscriptions: int = 100
    seats: int = 1000
    queued_updates: int = 1000
    sending: float = 30.0
    heartbeat: float = 15.0
    shutdown: int = 5
    introspection: bool = True

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The limits that operators set, and the others as they are."""
        return cls(
            rows=settings.max_rows,
            body=settings.max_body,
            seats=settings.max_subscriptions,
            introspection=settings.introspection,
        )

    def extensions(self) -> list[Callable[[], SchemaExtension]]:
        """The checks of a document; parsed and validated documents are remembered."""
        rules: list[type[ASTValidationRule]] = [size_rule(depth=self.depth, aliases=self.aliases)]
        if not self.introspection:
            rules.append(NoSchemaIntrospectionCustomRule)
        return [
            lambda: MaxTokensLimiter(max_token_count=self.tokens),
            lambda: Parsed(maxsize=self.cached_documents),
            lambda: AddValidationRules(rules),
            lambda: ValidationCache(maxsize=self.cached_documents),
            lambda: Complexity(self.rows, DEFAULT_PAGE),
        ]


def int32(value: int) -> int:
    """The value as GraphQL's Int holds it: what lies beyond 2^31-1 is that."""
    return min(int(value), INT_MAX)
