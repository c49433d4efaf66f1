"""Push messages are sealed as the standard's own example is."""

import os
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from indexer.errors import ConfigError
from indexer.settings import Settings
from indexer.vapid_key import decoded, encoded, new_key, private_key
from tests.fakes.push import Browser
from workers.push.encryption import LONGEST, encrypt, sealed

PLAIN: Final = b"When I grow up, I want to be a watermelon"
SENDER: Final = decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
P256DH: Final = decoded(
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
)
AUTH: Final = decoded("BTBZMqHH6r4Tts7J_aSIgg")
SALT: Final = decoded("DGv6ra1nlYgDCS1FRnbzlw")
SEALED: Final = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6T"
    "lzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4"
    "a-fN"
)


def test_the_example_of_rfc_8291_comes_out_byte_for_byte() -> None:
    sender = ec.derive_private_key(int.from_bytes(SENDER), ec.SECP256R1())
    assert encoded(sealed(PLAIN, P256DH, AUTH, sender, SALT)) == SEALED


@pytest.mark.parametrize("size", [0, 1, LONGEST])
def test_a_browser_reads_what_was_meant_for_it(size: int) -> None:
    browser, said = Browser(), os.urandom(size)
    body = encrypt(said, browser.p256dh, browser.auth)
    assert len(body) == size + 103
    assert browser.read(body) == said


def test_what_no_push_service_would_take_is_refused() -> None:
    browser = Browser()
    with pytest.raises(ValueError, match=f"more than the {LONGEST}"):
        encrypt(bytes(LONGEST + 1), browser.p256dh, browser.auth)
    with pytest.raises(ValueError):
        encrypt(b"", bytes(65), browser.auth)


def test_a_new_key_is_a_key_and_nothing_else_is() -> None:
    assert len(private_key(new_key())) == 32
    for wrong in ("", "!", encoded(bytes(32)), encoded(b"\xff" * 32), encoded(bytes(31))):
        with pytest.raises(ValueError):
            private_key(wrong)
    with pytest.raises(ConfigError, match="DCHAT_VAPID_KEY: is not") as told:
        Settings.load(vapid_key="c2VjcmV0")
    assert "c2VjcmV0" not in str(told.value)
