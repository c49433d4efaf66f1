"""What clients are told when something goes wrong: a code, and words that teach."""

from enum import StrEnum
from typing import Any

from graphql import GraphQLError


class Code(StrEnum):
    """`extensions.code` of every error."""

    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    RATE_LIMITED = "RATE_LIMITED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    DOCUMENT_NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    CONFLICT = "CONFLICT"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    BLOCK_TIMEOUT = "BLOCK_TIMEOUT"
    BLOCK_NOT_INDEXED = "BLOCK_NOT_INDEXED"
    BLOCK_UNKNOWN = "BLOCK_UNKNOWN"
    SLOW_CLIENT = "SLOW_CLIENT"
    START_OVER = "START_OVER"
    STATEMENT_TIMEOUT = "STATEMENT_TIMEOUT"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    INTERNAL_ERROR = "INTERNAL_ERROR"


class ApiError(GraphQLError):
    """An error that the client may read in full; `details` become extensions beside the code."""

    def __init__(self, code: Code, message: str, **details: Any) -> None:
        super().__init__(message, extensions={"code": str(code), **details})
        self.code = str(code)


def bad_input(argument: str, problem: str, **details: Any) -> ApiError:
    """BAD_USER_INPUT that names the argument; `details` say the limit where there is one."""
    return ApiError(Code.BAD_USER_INPUT, f"`{argument}`: {problem}", argument=argument, **details)


def unavailable(problem: str) -> ApiError:
    """SERVICE_UNAVAILABLE: the client did nothing wrong and may try again."""
    return ApiError(Code.SERVICE_UNAVAILABLE, problem)


def unauthenticated(message: str, reason: str, **details: Any) -> ApiError:
    """UNAUTHENTICATED: nobody is signed in by what was sent."""
    return ApiError(Code.UNAUTHENTICATED, message, reason=reason, **details)


def start_over(first: int | None) -> ApiError:
    """START_OVER: what left the index from this block on is not known any more."""
    if first is None:
        return ApiError(Code.START_OVER, "`after` is of another index; read everything anew")
    message = (
        f"blocks from {first} on were replaced, and what they held is no longer known: drop what "
        f"you have of them and subscribe again after the last event before block {first}"
    )
    return ApiError(Code.START_OVER, message, fromBlock=first)
