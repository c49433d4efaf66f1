"""Groups are found by their words in any language, the best first, page by page, by an index."""

from typing import Any

import pytest
from sqlalchemy import Engine, text

from api.reads.search import terms
from tests.integration.api.conftest import Client
from tests.integration.api.rows import group, put

QUERY = """query ($text: String!, $first: Int, $after: String) {
  searchGroups(text: $text, first: $first, after: $after) {
    totalCount nodes { name } pageInfo { hasNextPage endCursor } } }"""
NAMES = {
    1: ("Tea", "a place for leaves"),
    2: ("Tea club", ""),
    3: ("The tea house", ""),
    4: ("Coffee", "no tea, never"),
    5: ("我们的群聊", "一起喝茶"),
    6: ("茶友会", ""),
    7: ("node.js 技术交流群", "Node_SDK"),
    8: ("日本語テスト", ""),
    9: ("한국어 모임", ""),
    10: ("Straße", "ÉCOLE"),
}


async def found(client: Client, wanted: str, **page: Any) -> list[str]:
    data = await client.data(QUERY, text=wanted, **page)
    names = [node["name"] for node in data["searchGroups"]["nodes"]]
    assert page or data["searchGroups"]["totalCount"] == len(names)
    return names


@pytest.fixture
def named(database: Engine) -> Engine:
    put(database, groups=[group(n, name=a, description=b) for n, (a, b) in NAMES.items()])
    return database


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("tea", ["Tea", "Tea club", "The tea house", "Coffee"]),
        ("TEA cl", ["Tea club"]),
        ("club tea", ["Tea club"]),
        ("tea leaves", ["Tea"]),
        ("te", ["Tea club", "Tea", "The tea house", "Coffee"]),
        ("群聊", ["我们的群聊"]),
        ("我们的群聊", ["我们的群聊"]),
        ("的", ["我们的群聊"]),
        ("聊", ["我们的群聊"]),
        ("茶", ["茶友会", "我们的群聊"]),
        ("们 群", ["我们的群聊"]),
        ("聊群", []),
        ("交流 node", ["node.js 技术交流群"]),
        ("js", ["node.js 技术交流群"]),
        ("sdk", ["node.js 技术交流群"]),
        ("テスト", ["日本語テスト"]),
        ("모임", ["한국어 모임"]),
        ("straße", ["Straße"]),
        ("école", ["Straße"]),
        ("cofee", ["Coffee"]),
        ("zebra", []),
        ("", []),
        ("!?", []),
        ("' & | ! :* \\", []),
        ("tea' OR 1=1", []),
        ("a\x00b", []),
        ("\ud800", []),
    ],
)
async def test_groups_are_found(
    client: Client, named: Engine, wanted: str, names: list[str]
) -> None:
    assert await found(client, wanted) == names


async def test_among_equals_the_larger_group_is_first(client: Client, database: Engine) -> None:
    sizes = [group(n, name=f"Chess {n}", member_count=n % 3) for n in range(1, 7)]
    put(database, groups=sizes)
    wanted = ["Chess 5", "Chess 2", "Chess 4", "Chess 1", "Chess 6", "Chess 3"]
    assert await found(client, "chess") == wanted
    seen, after = list[str](), None
    while len(seen) < 6:
        page = (await client.data(QUERY, text="chess", first=2, after=after))["searchGroups"]
        seen += [node["name"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (6, len(seen) < 6)
    assert seen == wanted


async def test_a_cursor_belongs_to_its_text_and_a_text_has_an_end(
    client: Client, named: Engine
) -> None:
    page = (await client.data(QUERY, text="tea", first=1))["searchGroups"]
    after = page["pageInfo"]["endCursor"]
    assert await found(client, " tea ", after=after) == ["Tea club", "The tea house", "Coffee"]
    for wanted, given in (("coffee", after), ("x" * 101, None)):
        assert (await client.error(QUERY, text=wanted, after=given))["code"] == "BAD_USER_INPUT"


async def test_an_index_serves_the_search(client: Client, database: Engine) -> None:
    put(database, groups=[group(n, name=f"Number {n}") for n in range(3000)])
    with database.begin() as connection:
        connection.execute(text("ANALYZE groups"))
    await found(client, "number 77", first=5)
    statements = [one for one in client.statements if "search_terms" in one]
    with database.connect() as connection:
        rows = connection.exec_driver_sql(
            "EXPLAIN SELECT * FROM groups WHERE search_terms(name, description) @@ %s::tsquery",
            (terms("number 77"),),
        )
        plan = "\n".join(row[0] for row in rows)
    assert "groups_search_idx" in plan
    assert statements and all("MATERIALIZED" in one for one in statements)


def test_a_query_is_the_beginnings_of_words_and_pairs_of_letters() -> None:
    assert terms("Tea-club 群聊天") == "'tea':* & 'club':* & '群聊':* & '聊天':*"
    assert terms("tea茶") == "'tea':* & '茶':*"
    assert terms("'&!") == ""
