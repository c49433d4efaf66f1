"""Trusted documents: operations that a client names by their sha256 instead of sending them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Self

from graphql import GraphQLError, GraphQLSchema, parse, validate

from api.errors import ApiError, Code, bad_input
from indexer.errors import ConfigError

MANIFEST: Final = "apollo-persisted-query-manifest"
NOT_FOUND: Final = "PersistedQueryNotFound"
"""The words that Apollo's clients look for."""


def hash_of(text: str) -> str:
    """The name of a document."""
    return sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """The documents by hash; `only`: no other may run."""

    known: Mapping[str, str]
    only: bool

    @classmethod
    def read(cls, path: Path | None, *, only: bool) -> Self:
        """Those of a file or a folder. Raises ConfigError."""
        if path is None:
            if only:
                told = "DCHAT_ONLY_DOCUMENTS allows nothing without DCHAT_DOCUMENTS: set both"
                raise ConfigError(told)
            return cls(known={}, only=False)
        try:
            return cls(known=dict(_read(path)), only=only)
        except (OSError, ValueError, RecursionError) as error:
            raise ConfigError(f"DCHAT_DOCUMENTS={path} can't be read: {error}") from None

    def check(self, schema: GraphQLSchema) -> None:
        """Raises ConfigError where one of them could never run."""
        for name, text in self.known.items():
            try:
                errors = validate(schema, parse(text))
            except GraphQLError as error:
                errors = [error]
            if errors:
                told = f"DCHAT_DOCUMENTS: the document {name} is wrong: {errors[0].message}"
                raise ConfigError(told)

    def text(self, query: str | None, body: Mapping[str, Any]) -> str | None:
        """The document that a request means; None where it names and sends none.

        Raises PERSISTED_QUERY_NOT_FOUND, DOCUMENT_NOT_TRUSTED, or BAD_USER_INPUT for a wrong hash.
        """
        name = _named(body)
        if name is None and not self.only:
            return query
        if name is not None and query is not None and hash_of(query) != name:
            raise bad_input("query", "its sha256 is not the one that is given beside it")
        found = self.known.get(name or hash_of(query or ""))
        if found is not None:
            return found
        if self.only and query is not None:
            told = "this document is not among those that may run here (sha256 "
            raise ApiError(Code.DOCUMENT_NOT_TRUSTED, f"{told}{hash_of(query)})")
        if name is not None and query is None:
            raise ApiError(Code.PERSISTED_QUERY_NOT_FOUND, NOT_FOUND)
        return query


def _named(body: Mapping[str, Any]) -> str | None:
    """The hash in a request: GraphQL over HTTP's `documentId`, or Apollo's extension."""
    name = body.get("documentId")
    extensions = body.get("extensions")
    if name is None and isinstance(extensions, Mapping):
        persisted = extensions.get("persistedQuery")
        name = persisted.get("sha256Hash") if isinstance(persisted, Mapping) else None
    if name is None:
        return None
    if not isinstance(name, str):
        raise bad_input("documentId", "a document's name is its sha256 in hex")
    return name.removeprefix("sha256:").lower()


def _read(path: Path) -> Iterator[tuple[str, str]]:
    """Hashes and documents. Raises OSError, or ValueError."""
    if path.is_dir():
        for file in sorted(path.rglob("*.graphql")):
            whole = file.read_text()
            for text in (whole, whole.strip()):
                yield hash_of(text), text
        return
    for name, text in _entries(json.loads(path.read_text())):
        if hash_of(text) != name:
            raise ValueError(f"{name} is not the sha256 of its document")
        yield name, text


def _entries(told: Any) -> Iterator[tuple[str, str]]:
    if isinstance(told, dict) and told.get("format") == MANIFEST:
        told = {one["id"]: one["body"] for one in told["operations"]}
    if not isinstance(told, dict) or not all(isinstance(text, str) for text in told.values()):
        raise ValueError("it is neither an object of hash and document nor Apollo's manifest")
    yield from told.items()
