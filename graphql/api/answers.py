"""What an answer over HTTP is: its media type, and the status that the media type asks for."""

from typing import Any, Final

from strawberry.types import ExecutionResult

JSON: Final = "application/json"
RESPONSE: Final = "application/graphql-response+json"
"""GraphQL over HTTP's own: with it a refused document is a 400, with plain JSON a 200."""

RESPONSE_UTF8: Final = f"{RESPONSE}; charset=utf-8"


def media_type(accept: str) -> str:
    """RESPONSE where the client names it and likes plain JSON no better; else JSON."""
    liked = {JSON: 0.0, RESPONSE: 0.0}
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if name in liked:
            liked[name] = max(liked[name], _quality(parameters))
    return RESPONSE if liked[RESPONSE] > 0 and liked[RESPONSE] >= liked[JSON] else JSON


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0


def refused(result: Any) -> bool:
    """Whether nothing was executed: such errors are of no field, and there is no `data` at all."""
    if not isinstance(result, ExecutionResult) or result.data is not None or not result.errors:
        return False
    return all(error.path is None for error in result.errors)
