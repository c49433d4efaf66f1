"""Group ids from their hashes: `group_1`, `group_2`, … in order of creation."""

from typing import Final

from indexer.units import Hash32, keccak

REMEMBERED: Final = 1 << 16
"""Ids whose hashes are kept once computed: some 10 MB."""
AROUND: Final = 512
"""Ids looked at on each side of the expected one, beyond the remembered ones."""

_remembered: Final[dict[Hash32, int]] = {}
"""The numbers from 1 on, without a gap, by their ids' hashes: computed once in a process. Threads
may extend it at the same time, for each adds upwards and the same."""


class Preimages:
    """Finds the `group_<n>` behind a hash; the next one created is found at once."""

    def __init__(self, created: int = 0) -> None:
        """`created`: how many groups the index knows."""
        self._next = created + 1
        self._reach = 0

    def find(self, key: Hash32) -> str | None:
        """The id whose hash this is; None where it is not one of the numbers that can be meant."""
        number = self._next if _hash(self._next) == key else self._search(key)
        if number is None:
            return None
        self._next = number + 1
        return f"group_{number}"

    def _search(self, key: Hash32) -> int | None:
        upto = min(REMEMBERED, self._next + AROUND)
        self._reach = max(self._reach, upto)
        for number in range(len(_remembered) + 1, upto + 1):
            _remembered[_hash(number)] = number
        if (known := _remembered.get(key, self._reach + 1)) <= self._reach:
            return known
        around = range(max(upto, self._next - AROUND), self._next + AROUND)
        return next((number for number in around if _hash(number) == key), None)


def _hash(number: int) -> Hash32:
    return keccak(b"group_%d" % number)
