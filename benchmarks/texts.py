"""What people write: short and long, in several scripts, never the same twice in a row."""

from random import Random
from typing import Final

_NAMES: Final = ("Alpine Hikers", "麻将之夜", "Garage Band", "ラーメン部", "نادي القراءة", "산책")
_WORDS: Final = (
    "dinner on Friday at the usual place",
    "请大家周末之前付款",
    "bring wool, leave with a scarf",
    "新しいネットを買います",
    "собираем команду и деньги",
    "كل عام وأنتم بخير",
    "¡que no falte nadie!",
)


def name(rng: Random, number: int) -> bytes:
    """A name with a number in it."""
    return f"{rng.choice(_NAMES)} {number}".encode()


def sentence(rng: Random) -> bytes:
    """One to four phrases."""
    return " · ".join(rng.choices(_WORDS, k=rng.randint(1, 4))).encode()


def avatar(rng: Random) -> bytes:
    """The IPFS address of a picture."""
    letters = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz234567", k=55))
    return f"ipfs://bafkrei{letters[:53]}".encode()
