"""Two Node clients write so that only the members of the moment can read it."""

import json
from contextlib import closing
from queue import Empty
from typing import Any

from indexer.units import keccak, to_hex
from tests.e2e.calls import chat, create_group
from tests.e2e.commands import eventually
from tests.e2e.stack import Stack
from tests.e2e.talker import Talker, token_for


class Client(Talker):
    """One with WebCrypto: a curve of its own, and the wallet of a user of the dev chain."""

    def __init__(self, stack: Stack, user: int, group: str, curve: str) -> None:
        url = f"http://127.0.0.1:{stack.port}/graphql"
        told = {"url": url, "token": token_for(stack, stack.chain.users[user])}
        told |= {"key": to_hex(keccak(group.encode())), "curve": curve}
        super().__init__("clients/sealed.js", json.dumps({**told, "index": user}))

    def does(self, verb: str, becomes: str, **given: Any) -> Any:
        """What it tells once it has done so."""
        self.say(json.dumps({"verb": verb, **given}))
        return self.next(becomes)

    def listens(self, other: "Client", epoch: str) -> None:
        """Waits until it hears what another one says."""
        self.say(json.dumps({"verb": "hear"}))
        assert eventually(lambda: self._hears(other, epoch), 60, 0)

    def _hears(self, other: "Client", epoch: str) -> bool:
        other.does("say", "sent", text="can you hear me", epoch=epoch)
        try:
            return bool(self.queue("heard").get(timeout=1))
        except Empty:
            return False

    def hears(self, text: str) -> None:
        """Waits until it has heard this, whatever else comes before."""
        while self.next("heard") != text:
            pass


def test_who_is_removed_reads_what_was_before_and_nothing_after(stack: Stack) -> None:
    """The chain ends his epoch; a reorg gives it back, with its keys."""
    chain = stack.chain
    owner, guest = chain.users[0], chain.users[1]
    group = create_group(chain, owner, public=True, name="sealed")
    chain.must(chat(guest, "joinGroup", group))
    stack.synced()
    with (
        closing(Client(stack, 0, group, "X25519")) as alice,
        closing(Client(stack, 1, group, "P-256")) as bob,
    ):
        assert alice.does("publish", "published") == "X25519"
        assert bob.does("publish", "published") == "P-256"
        opened = alice.does("open", "opened")
        assert opened["readers"] == 2
        first = opened["epoch"]
        bob.listens(alice, first)
        assert bob.does("epoch", "epoch") == {"id": first, "mine": 1}
        sent = alice.does("say", "sent", text="the safe is open", epoch=first)
        assert "safe" not in sent["content"]
        bob.hears("the safe is open")
        bob.does("say", "sent", text="I come at noon", epoch=first)
        assert alice.does("search", "found", text="noon") == 0
        assert alice.does("search", "found", text=sent["content"][:20]) == 0

        chain.must(chat(owner, "removeMember", group, guest))
        removed = stack.synced()
        ended = bob.next("ended")
        assert (ended["reason"], ended["block"]) == ("REMOVED", removed)
        refused = alice.does("say", "refused", text="too early", epoch=first)
        second = alice.does("open", "opened")
        assert (refused["reason"], refused["epoch"]) == ("EPOCH_OVER", second["epoch"])
        assert second["readers"] == 1 and second["epoch"] != first
        secret = alice.does("say", "sent", text="bob is gone", epoch=second["epoch"])
        for verb in ("epoch", "open"):
            assert bob.does(verb, "refused")["reason"] == "REMOVED"
        assert bob.does("pry", "pried", content=secret["content"]) == []
        assert bob.does("pry", "pried", content=sent["content"]) == ["the safe is open"]

        chain.reorg(1)
        stack.synced()
        assert bob.does("epoch", "epoch") == {"id": first, "mine": 1}
        bob.does("say", "sent", text="here again", epoch=first)
        late = alice.does("say", "refused", text="gone?", epoch=second["epoch"])
        assert (late["reason"], late["epoch"]) == ("EPOCH_OVER", first)
