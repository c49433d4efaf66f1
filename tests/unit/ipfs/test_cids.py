"""CIDs are read and written as everybody does, and what only looks like one is refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import CorruptBlock, NotACid, Unsupported
from indexer.ipfs.bases import BASES, decode, encode
from indexer.ipfs.cid import HASHES, Cid, Codec, Hash
from indexer.ipfs.wire import read_varint, varint

EMPTY_V0 = "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"
EMPTY_V1 = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
FOLDER_V0 = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"
FOLDER_V1 = "bafybeie5nqv6kd3qnfjupgvz34woh3oksc3iau6abmyajn7qvtf6d2ho34"

CIDS = st.builds(
    Cid,
    version=st.just(1),
    codec=st.sampled_from(list(Codec)),
    hash=st.sampled_from(list(Hash)),
    digest=st.binary(min_size=0, max_size=64),
)


@given(CIDS, st.sampled_from(sorted(BASES)))
def test_a_cid_survives_every_base(cid: Cid, base: str) -> None:
    assert Cid.parse(encode(bytes(cid), base)) == cid
    assert Cid.parse(str(cid)) == cid
    assert Cid.read(b"xx" + bytes(cid) + b"yy", 2) == (cid, 2 + len(bytes(cid)))


@given(st.binary(max_size=64), st.sampled_from(sorted(BASES)))
def test_bytes_survive_every_base(data: bytes, base: str) -> None:
    assert decode(encode(data, base)) == data


@given(st.integers(min_value=0, max_value=2**63 - 1))
def test_a_varint_is_read_as_it_was_written(number: int) -> None:
    assert read_varint(varint(number), 0) == (number, len(varint(number)))


@given(st.binary(min_size=32, max_size=32))
def test_version_0_is_base58_of_46_characters(digest: bytes) -> None:
    cid = Cid(version=0, codec=Codec.DAG_PB, hash=Hash.SHA2_256, digest=digest)
    assert len(str(cid)) == 46 and str(cid).startswith("Qm")
    assert Cid.parse(str(cid)) == cid
    assert cid.v1 == Cid.parse(str(cid.v1)) != cid


@pytest.mark.parametrize("text", [EMPTY_V0, EMPTY_V1, FOLDER_V0, FOLDER_V1])
def test_well_known_cids_are_written_as_they_were_read(text: str) -> None:
    assert str(Cid.parse(text)) == text


def test_both_versions_of_a_cid_are_the_same_content() -> None:
    assert str(Cid.parse(FOLDER_V0).v1) == FOLDER_V1
    assert str(Cid.of(b"", Codec.RAW)) == EMPTY_V1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no multibase"),
        ("Qm", "no multibase"),
        (EMPTY_V0[:-1], "no multibase"),
        (EMPTY_V0[:-1] + "0", "'0' is no digit of base 58"),
        ("z" + EMPTY_V0, "does not begin with version 1"),
        (EMPTY_V1[:-2], "should have 32 bytes and has 31|ends within a byte"),
        (EMPTY_V1 + "aaaaaaaa", "5 bytes follow"),
        ("b" + EMPTY_V1[1:].upper(), "is no digit of base 32"),
        ("f02" + "55" + "1220" + "00" * 32, "does not begin with version 1"),
        ("f01" + "d500" + "1220" + "00" * 32, "longer than it need be"),
        ("f01" + "80" * 10, "more than 9 bytes"),
        ("f01", "end within a varint"),
        ("f0", "ends within a byte"),
        ("b" * 300, "more than 256 characters"),
        ("bé" * 20, "is no digit of base 32"),
    ],
)
def test_what_only_looks_like_a_cid_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(NotACid) as caught:
        Cid.parse(text)
    assert re.search(reason, str(caught.value))


@given(st.text(max_size=300))
def test_no_text_makes_the_parser_fail_in_any_other_way(text: str) -> None:
    try:
        cid = Cid.parse(text)
    except NotACid:
        return
    assert Cid.parse(str(cid)) == cid


@given(st.sampled_from(sorted(HASHES)), st.binary(max_size=99), st.binary(max_size=99))
def test_a_block_is_believed_by_its_hash_alone(function: int, block: bytes, other: bytes) -> None:
    digest = HASHES[function](block)
    for size in {20, len(digest)}:
        cid = Cid(version=1, codec=Codec.RAW, hash=function, digest=digest[:size])
        cid.verify(block)
        if other != block:
            with pytest.raises(CorruptBlock):
                cid.verify(other)


def test_the_identity_hash_is_its_block() -> None:
    cid = Cid(version=1, codec=Codec.RAW, hash=Hash.IDENTITY, digest=b"tea")
    cid.verify(b"tea")
    with pytest.raises(CorruptBlock):
        cid.verify(b"coffee")


@pytest.mark.parametrize(("function", "size"), [(Hash.SHA2_256, 19), (0x1E, 32)])
def test_a_hash_that_proves_nothing_here_is_told_apart(function: int, size: int) -> None:
    with pytest.raises(Unsupported):
        Cid(version=1, codec=Codec.RAW, hash=function, digest=bytes(size)).verify(b"")
