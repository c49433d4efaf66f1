"""Two Node clients chat in a group while the chain says who is in it, and takes it back."""

import time
from contextlib import closing
from queue import Empty

from tests.e2e.calls import chat, create_group
from tests.e2e.stack import Stack
from tests.e2e.talker import Talker, token_for


class Client(Talker):
    """One with graphql-ws, in a group."""

    def __init__(self, stack: Stack, who: str, group: str) -> None:
        url = f"ws://127.0.0.1:{stack.port}/graphql"
        super().__init__("reference/chat.js", url, token_for(stack, who), group)

    def hears(self, content: str) -> None:
        """Waits until it has heard this, whatever else comes before."""
        while self.next("messageAdded")["content"] != content:
            pass

    def listens(self, other: "Client", mark: str) -> None:
        """Waits until its subscriptions are open: until it hears what another one says."""
        self.say("/hear")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            other.say(mark)
            try:
                if self.queue("messageAdded").get(timeout=1)["content"] == mark:
                    return
            except Empty:
                continue
        raise AssertionError("it hears nothing")


def test_the_chain_says_who_chats_and_a_reorg_takes_it_back(stack: Stack) -> None:
    chain = stack.chain
    owner, guest = chain.users[0], chain.users[1]
    group = create_group(chain, owner, public=True, name="chat")
    stack.synced()
    with closing(Client(stack, owner, group)) as alice, closing(Client(stack, guest, group)) as bob:
        alice.listens(alice, "is anybody here")
        bob.say("let me in")
        assert bob.next("refused")["reason"] == "NOT_A_MEMBER"

        chain.must(chat(guest, "joinGroup", group))
        stack.synced()
        card = alice.next("messageAdded")
        while card["card"] != "JOINED":
            card = alice.next("messageAdded")
        bob.listens(alice, "welcome")
        bob.say("thank you")
        assert bob.next("sent")["block"] == stack.synced()
        alice.hears("thank you")

        chain.must(chat(owner, "muteMember", group, guest, True))
        muted = stack.synced()
        bob.say("can you hear me")
        refused = bob.next("refused")
        assert (refused["reason"], refused["block"]) == ("MUTED", muted)

        chain.reorg(1)
        stack.synced()
        bob.say("and now")
        bob.next("sent")
        alice.hears("and now")

        chain.must(chat(owner, "removeMember", group, guest))
        removed = stack.synced()
        ended = bob.next("ended")
        assert (ended["reason"], ended["block"]) == ("REMOVED", removed)
        bob.say("what did I do")
        refused = bob.next("refused")
        assert (refused["reason"], refused["block"]) == ("REMOVED", removed)

        chain.reorg(1)
        stack.synced()
        gone = alice.next("messageUpdated")
        assert gone["card"] == "REMOVED" and gone["deletedAt"]
        bob.listens(alice, "sorry")
        bob.say("never mind")
        alice.hears("never mind")

    late = chain.users[2]
    with (
        closing(Client(stack, owner, group)) as alice,
        closing(Client(stack, late, group)) as carol,
    ):
        alice.listens(alice, "who else")
        chain.must(chat(late, "joinGroup", group))
        stack.synced()
        carol.listens(alice, "hello")
        carol.say("hi")
        carol.next("sent")
        alice.hears("hi")
        chain.reorg(1)
        stack.synced()
        assert carol.next("ended")["reason"] == "NOT_A_MEMBER"
        carol.say("was I ever here")
        assert carol.next("refused")["reason"] == "NOT_A_MEMBER"
        gone = alice.next("messageUpdated")
        assert gone["card"] == "JOINED" and gone["deletedAt"]
