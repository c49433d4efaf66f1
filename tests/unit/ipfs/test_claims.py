"""A text that should name content is recognised for what it is."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.ipfs.cid import Cid
from indexer.ipfs.claims import (
    Claim,
    Content,
    Garbage,
    Inline,
    MutableName,
    Nothing,
    WebAddress,
    recognise,
)

OLD = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"
NEW = "bafybeie5nqv6kd3qnfjupgvz34woh3oksc3iau6abmyajn7qvtf6d2ho34"
ANY = st.sampled_from([OLD, NEW])


def content(cid: str, *path: str) -> Content:
    return Content(cid=Cid.parse(cid), path=path)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        (OLD, content(OLD)),
        (f"  {NEW}\n", content(NEW)),
        (f"{OLD}/a.png", content(OLD, "a.png")),
        (f"{NEW}?filename=x.png", content(NEW)),
        (f"ipfs://{OLD}", content(OLD)),
        (f"IPFS://{OLD}/", content(OLD)),
        (f"ipfs:{NEW}", content(NEW)),
        (f"ipfs://ipfs/{OLD}/a/b", content(OLD, "a", "b")),
        (f"/ipfs/{NEW}/my%20cat.png#x", content(NEW, "my cat.png")),
        (f"ipfs/{NEW}", content(NEW)),
        (f"dweb:/ipfs/{NEW}", content(NEW)),
        (f"https://ipfs.io/ipfs/{OLD}", content(OLD)),
        (f"http://127.0.0.1:8080/ipfs/{NEW}/a?x=1", content(NEW, "a")),
        (f"https://{NEW}.ipfs.dweb.link/a.svg", content(NEW, "a.svg")),
        (f"ipns://{NEW}", MutableName(name=NEW)),
        ("/ipns/docs.ipfs.tech/x", MutableName(name="docs.ipfs.tech")),
        ("https://example.org/a.png", WebAddress(url="https://example.org/a.png")),
        ("https://example.org/ipfs/cat", WebAddress(url="https://example.org/ipfs/cat")),
        (f"https://x.org/?u={OLD}", WebAddress(url=f"https://x.org/?u={OLD}")),
        ("data:image/png;base64,AAAA", Inline()),
        ("DATA:" + "x" * 9000, Inline()),
        ("", Nothing()),
        (" \t", Nothing()),
    ],
)
def test_what_people_write_is_recognised(text: str, claim: Claim) -> None:
    assert recognise(text) == claim


@pytest.mark.parametrize(
    "text",
    [
        "🍵",
        "avatar.png",
        "/",
        "?",
        "ipfs://",
        "ipfs://cat",
        "/ipfs/",
        f"{OLD}x",
        f"ipfs://{OLD}/../x",
        f"ipfs://{OLD}/%2e%2e/x",
        f"ipfs://{OLD}/%ff",
        "https://",
        "http://[::1",
        "ftp://example.org",
        "javascript:alert(1)",
        "x" * 5000,
    ],
)
def test_what_names_nothing_is_garbage_with_a_reason(text: str) -> None:
    claim = recognise(text)
    assert isinstance(claim, Garbage) and claim.reason


@given(st.text() | st.builds("{}{}{}".format, st.text(max_size=9), ANY, st.text(max_size=9)))
def test_nothing_that_anybody_writes_makes_it_fail(text: str) -> None:
    claim = recognise(text)
    assert not isinstance(claim, Content) or ".." not in claim.path


@given(ANY, st.lists(st.text("abcé %?#/", min_size=1, max_size=9), max_size=3))
def test_a_path_is_read_as_it_was_quoted(cid: str, path: list[str]) -> None:
    plain = [part.replace("/", "") or "x" for part in path]
    text = "/".join([f"ipfs://{cid}", *(quote(part, safe="") for part in plain)])
    assert recognise(text) == content(cid, *plain)
