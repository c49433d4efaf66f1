"""CIDs: what content is called, which is its hash, how it was hashed and how it is to be read.

https://github.com/multiformats/cid. Version 0 is a bare SHA-256 multihash of a dag-pb block in
base58; version 1 says its codec and stands in any multibase.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Self

from indexer.errors import CorruptBlock, NotACid, Unsupported
from indexer.ipfs import bases
from indexer.ipfs.wire import read_varint, varint
from indexer.units import keccak

LONGEST: Final = 256
"""Characters of a CID, at most: base58 takes quadratic time."""
SHORTEST_DIGEST: Final = 20
"""Bytes below which a cut hash proves nothing; Kubo's bound too."""


class Codec(IntEnum):
    """How the bytes of a block are to be read: those that anybody is likely to meet."""

    RAW = 0x55
    DAG_PB = 0x70
    DAG_CBOR = 0x71
    LIBP2P_KEY = 0x72
    DAG_JSON = 0x0129
    JSON = 0x0200


class Hash(IntEnum):
    """Multihash codes."""

    IDENTITY = 0x00
    SHA2_256 = 0x12
    SHA2_512 = 0x13
    SHA3_512 = 0x14
    SHA3_256 = 0x16
    KECCAK_256 = 0x1B
    BLAKE2B_256 = 0xB220


HASHES: Final[dict[int, Callable[[bytes], bytes]]] = {
    Hash.SHA2_256: lambda data: hashlib.sha256(data).digest(),
    Hash.SHA2_512: lambda data: hashlib.sha512(data).digest(),
    Hash.SHA3_512: lambda data: hashlib.sha3_512(data).digest(),
    Hash.SHA3_256: lambda data: hashlib.sha3_256(data).digest(),
    Hash.KECCAK_256: keccak,
    Hash.BLAKE2B_256: lambda data: hashlib.blake2b(data, digest_size=32).digest(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cid:
    """`hash` is a multihash code, `digest` what it made of the block."""

    version: int
    codec: int
    hash: int
    digest: bytes

    @classmethod
    def of(cls, block: bytes, codec: Codec, version: int = 1) -> Self:
        """The SHA-256 CID of a block; version 0 is for dag-pb only."""
        digest = hashlib.sha256(block).digest()
        return cls(version=version, codec=codec, hash=Hash.SHA2_256, digest=digest)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads either version. Raises NotACid that says why."""
        if len(text) > LONGEST:
            raise NotACid(f"{text[:80]!r}… is no CID: it has more than {LONGEST} characters")
        if len(text) == 46 and text.startswith("Qm"):
            return cls.from_bytes(bases.BASES["z"].decode(text))
        data = bases.decode(text)
        if data[:1] != b"\x01":
            raise NotACid(f"{text!r} is no CID: what it encodes does not begin with version 1")
        return cls.from_bytes(data)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Reads the whole of the bytes. Raises NotACid."""
        cid, end = cls.read(data)
        if end != len(data):
            raise NotACid(f"{len(data) - end} bytes follow after the end of a CID")
        return cid

    @classmethod
    def read(cls, data: bytes, at: int = 0) -> tuple[Self, int]:
        """The CID at this place, and the place after it. Raises NotACid."""
        try:
            if data[at : at + 2] == b"\x12\x20":
                return cls._read_hash(data, at, version=0, codec=Codec.DAG_PB)
            version, at = read_varint(data, at)
            codec, at = read_varint(data, at)
            if version != 1:
                raise NotACid(f"CIDs have version 0 or 1, not {version}")
            return cls._read_hash(data, at, version=1, codec=codec)
        except ValueError as error:
            raise NotACid(f"this is no CID: {error}") from None

    @classmethod
    def _read_hash(cls, data: bytes, at: int, *, version: int, codec: int) -> tuple[Self, int]:
        function, at = read_varint(data, at)
        size, at = read_varint(data, at)
        digest = data[at : at + size]
        if len(digest) != size:
            raise NotACid(f"a CID's hash should have {size} bytes and has {len(digest)}")
        return cls(version=version, codec=codec, hash=function, digest=digest), at + size

    @property
    def multihash(self) -> bytes:
        return varint(self.hash) + varint(len(self.digest)) + self.digest

    def __bytes__(self) -> bytes:
        if self.version == 0:
            return self.multihash
        return varint(1) + varint(self.codec) + self.multihash

    def __str__(self) -> str:
        """Base58 for version 0, base32 for version 1, as everybody writes them."""
        if self.version == 0:
            return bases.BASES["z"].encode(self.multihash)
        return bases.encode(bytes(self), "b")

    @property
    def v1(self) -> "Cid":
        """The same content's CID in version 1: what two CIDs are compared by."""
        return Cid(version=1, codec=self.codec, hash=self.hash, digest=self.digest)

    def verify(self, block: bytes) -> None:
        """Raises CorruptBlock unless the block has this hash, Unsupported where nobody knows."""
        if self.hash == Hash.IDENTITY:
            found = block
        elif (function := HASHES.get(self.hash)) is None:
            raise Unsupported(f"{self}: hash function {self.hash:#x} is not known here")
        elif not SHORTEST_DIGEST <= len(self.digest):
            raise Unsupported(f"{self}: a hash of {len(self.digest)} bytes proves nothing")
        else:
            found = function(block)[: len(self.digest)]
        if found != self.digest:
            raise CorruptBlock(f"{self}: {len(block)} bytes came that have another hash")
