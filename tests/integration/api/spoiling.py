"""What fuzzers do to good requests: documents, bodies and headers that are not what they claim."""

import json
import random
import re
from dataclasses import dataclass, field
from typing import Any, Final

TOKEN: Final = re.compile(r'"(?:\\.|[^"\\])*"|\.\.\.|\w+|\S')
DOCUMENTS: Final = [
    "", " ", "{", "}", "{}", "query", "#", "\ufeff{ __typename }", "{ __typename }\u0000", "\ud800",
    "{ a " * 300, "{ __typename " * 40 + "}" * 40, "{ " + "__typename " * 2500 + "}",
    "{ " + " ".join(f"a{n}: __typename" for n in range(60)) + " }",
    "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "{ ...A ...A } fragment A on Nope { id }", "fragment A on Query { __typename }",
    "query A { __typename } query A { __typename }",
    "query A { __typename } query B { __typename }",
    "{ groups(first: 1, first: 2) { totalCount } }",
    "{ groups(first: " + "9" * 5000 + ") { totalCount } }", "{ groups(first: 1e3) { totalCount } }",
    "{ groups(first: 0x1) { totalCount } }",
    "query ($a: Nope) { groups(first: $a) { totalCount } }",
    "query ($a: Int = $a) { groups(first: $a) { totalCount } }",
    "query ($a: Int!, $a: Int!) { groups(first: $a) { totalCount } }",
    "{ groups(first: $a) { totalCount } }",
    '{ groups(where: {groupId: """\n\u0001""" }) { totalCount } }',
    '{ node(id: "\\uD800") { id } }', '{ node(id: "\\u{110000}") { id } }',
    "{ __schema { types { fields { type { fields { name } } } } } }",
    "{ __schema { types { name ofType { ofType { name } } } } }",
    '{ __type(name: "Group") { name } }', "{ meta @defer { chainId } }",
    "{ ... @defer { meta { chainId } } }", "{ groups @stream { totalCount } }",
    "query @skip(if: true) { meta { chainId } }", "{ meta @skip(if: true) { chainId } }",
    "{ meta @nope { chainId } }", "subscription { __typename }",
    "subscription { meta { chainId } events { cursor } }",
    "subscription { ... on Subscription { meta { chainId } } }",
    "subscription { meta @skip(if: true) { chainId } }", "mutation { __typename }",
    "schema { query: Query }", "type A { b: Int }", "extend type Query { a: Int }",
]  # fmt: skip
TYPES: Final = [
    "application/json", "application/json; charset=utf-8", "application/json;charset=utf-16",
    "application/graphql", "text/plain", "multipart/form-data", "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded", "", ";", "application/json; charset=\"", "a/b; q*=x'y",
    "\xff",
]  # fmt: skip
ACCEPTS: Final = [
    "*/*", "application/json", "application/graphql-response+json", "text/html",
    "text/event-stream", "text/event-stream, */*", "multipart/mixed",
    "multipart/mixed;boundary=graphql;subscriptionSpec=1.0", "", ",", "application/json;q=x",
    "application/graphql-response+json;q=0", "image/png", "\xff",
]  # fmt: skip
ODD: Final[list[Any]] = [
    None,
    1,
    2.5,
    True,
    "",
    "x",
    "Q",
    [],
    {},
    [[]],
    {"": {}},
    {"a": None},
    "\u0000",
]


@dataclass(kw_only=True)
class Sent:
    """One request to `/graphql`."""

    method: str = "POST"
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""


def document(dice: random.Random, text: str) -> str:
    """The document with something wrong in it, most of the time; or another one that is wrong."""
    if dice.random() < 0.4:
        return dice.choice(DOCUMENTS)
    tokens = TOKEN.findall(text)
    for _ in range(dice.randint(1, 3)):
        place = dice.randrange(len(tokens) + 1)
        other = dice.choice(tokens) if tokens else "{"
        insertion = dice.choice([other, "{", "}", "(", "@", "$", "...", "null", "\u0000", "é", '"'])
        tokens[place : place + dice.randint(0, 2)] = dice.choice([[], [insertion]])
    return " ".join(tokens)


def body(dice: random.Random, told: dict[str, Any]) -> Any:
    """The body with parts that are not what they should be."""
    hash_ = {"version": 1, "sha256Hash": dice.choice([*ODD, "a" * 64])}
    changes: list[dict[str, Any]] = [
        {"query": dice.choice(ODD)},
        {"variables": dice.choice([*ODD, {"v0": dice.choice(ODD), "v1": dice.choice(ODD)}])},
        {"operationName": dice.choice(ODD)},
        {"extensions": dice.choice([*ODD, {"persistedQuery": dice.choice([hash_, *ODD])}])},
        {"documentId": dice.choice([*ODD, "sha256:" + "a" * 64]), "query": None},
        {"more": dice.choice(ODD)},
    ]
    made = told | dice.choice(changes)
    return dice.choice([made, made, made, [made], [made, told], [], dice.choice(ODD)])


def content(dice: random.Random, raw: bytes) -> bytes:
    """The bytes, damaged."""
    place = dice.randrange(len(raw) + 1)
    return dice.choice(
        [
            raw[:place],
            raw[:place] + dice.randbytes(dice.randint(1, 4)) + raw[place:],
            raw[:place] + b"\x00" + raw[place:],
            b"\xef\xbb\xbf" + raw,
            raw.decode().encode("utf-16"),
            raw + raw,
            raw[:-1] + b', "query": "{ __typename }", "query": 1}',
            b'{"query": "{ __typename }", "variables": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
            b'{"query": "{ __typename }", "variables": {"a": 1e999, "b": ' + b"9" * 5000 + b"}}",
            b'{"query": "\\ud800 { __typename }"}',
            raw + b" " * 300_000,
            dice.randbytes(64),
            b"",
            b"null",
        ]
    )


def headers(dice: random.Random) -> dict[str, str]:
    """Headers of a request, right for the most part."""
    made = {"content-type": "application/json", "accept": "application/json"}
    if dice.random() < 0.25:
        made["accept"] = dice.choice(ACCEPTS)
    if dice.random() < 0.06:
        made["content-type"] = dice.choice(TYPES)
    if dice.random() < 0.04:
        made["authorization"] = dice.choice(["", "x", "Bearer", "Bearer x", "Bearer a.b.c", "\xff"])
    if dice.random() < 0.02:
        made |= dice.choice(
            [{"content-encoding": "gzip"}, {"origin": "null"}, {"range": "bytes=0-"}]
        )
    return made


def raw_of(told: Any) -> bytes:
    return json.dumps(told).encode()
