"""What clients are told when something goes wrong: a code, and words that teach."""

from enum import StrEnum
from typing import Any

from graphql import GraphQLError


class Code(StrEnum):
    """`extensions.code` of every error."""

    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    BLOCK_TIMEOUT = "BLOCK_TIMEOUT"
    BLOCK_NOT_INDEXED = "BLOCK_NOT_INDEXED"
    BLOCK_UNKNOWN = "BLOCK_UNKNOWN"
    SLOW_CLIENT = "SLOW_CLIENT"
    STATEMENT_TIMEOUT = "STATEMENT_TIMEOUT"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    INTERNAL_ERROR = "INTERNAL_ERROR"


class ApiError(GraphQLError):
    """An error that the client may read in full; `details` become extensions beside the code."""

    def __init__(self, code: Code, message: str, **details: Any) -> None:
        super().__init__(message, extensions={"code": str(code), **details})


def bad_input(argument: str, problem: str, **details: Any) -> ApiError:
    """BAD_USER_INPUT that names the argument; `details` say the limit where there is one."""
    return ApiError(Code.BAD_USER_INPUT, f"`{argument}`: {problem}", argument=argument, **details)


def unavailable(problem: str) -> ApiError:
    """SERVICE_UNAVAILABLE: the client did nothing wrong and may try again."""
    return ApiError(Code.SERVICE_UNAVAILABLE, problem)
