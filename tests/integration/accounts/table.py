"""The table: who may do what, with the letters of what becomes of it."""

from collections.abc import Mapping
from typing import Final

from api.accounts.viewer import Scope
from tests.integration.accounts.village import Seat

PEOPLE: Final[Mapping[str, int | None]] = {
    "anonymous": None,
    "user": 9,
    "former member": 5,
    "muted member": 4,
    "member": 3,
    "admin": 2,
    "owner": 1,
}
SEATS: Final = {
    1: Seat(role=2),
    2: Seat(role=1),
    3: Seat(),
    4: Seat(is_muted=True),
    5: Seat(until=7),
}
REFUSALS: Final = {
    "a": ("UNAUTHENTICATED", "ANONYMOUS"),
    "s": ("FORBIDDEN", "NOT_A_MEMBER"),
    "f": ("FORBIDDEN", "LEFT"),
    "u": ("FORBIDDEN", "MUTED"),
    "n": ("FORBIDDEN", "NOT_AN_ADMIN"),
    "y": ("FORBIDDEN", "NOT_YOURS"),
    "b": ("BAD_USER_INPUT", None),
    "w": ("UNAUTHENTICATED", "NO_NODE"),
    "o": ("FORBIDDEN", "SIGN_IN_AGAIN"),
    "v": ("SERVICE_UNAVAILABLE", None),
}
CELLS: Final = """
                            a s f u m d o
me                          0 + + + + + +
me.sessions                 0 0 0 0 0 0 !
me.apiKeys                  0 0 0 0 0 0 !
conversation                a s + ! ! ! !
conversation, plain         a s + ! ! ! !
conversation of two, plain  a 0 0 0 0 0 !
group.messages, plain       a s + ! ! ! !
conversation of two         a 0 0 0 0 0 !
conversation.lastMessage    a 0 0 ! ! ! !
conversation.pinned         a 0 0 ! ! ! !
conversations               a 0 0 ! ! ! !
searchMessages              a 0 0 ! ! ! !
searchMessages in one       a 0 0 ! ! ! !
group.messages              a s + ! ! ! !
node: message               a 0 0 ! ! ! !
node: message of two        a 0 0 0 0 0 !
node: conversation          a s + ! ! ! !
node: file                  a 0 0 ! ! ! !
notifications               a 0 0 0 0 0 !
unreadNotificationCount     a + + + + + +
notificationSettings        a 0 0 0 0 0 !
notificationSettings.webhooks a 0 0 0 0 0 !
keyEpoch                    a s f + + + +
keyEpoch.wrappedKeys        a s f 0 0 0 !
keyEpochs                   a s f 0 0 0 !
signOut                     a + + + + + +
revokeSession               a 0 0 0 0 0 +
createApiKey                a + + + + + +
revokeApiKey                a 0 0 0 0 0 +
registerPublicKey           a w w w w w w
revokePublicKey             a 0 0 0 0 0 +
wrapGroupKey                a s f u + + +
sendMessage                 a s f u + + +
sendMessage, plain          a s f u + + +
sendMessage to somebody     a + + + + + +
sendMessage as an answer    a s f u ! ! !
sendMessage with a file     a b b b b b !
forwardMessage              a s f ! ! ! !
forwardMessage of two       a b b b b b !
editMessage                 a s f u y y !
editMessage of one's own    a s f u ! ! !
deleteMessage               a s f u n + +
deleteMessage of one's own  a s + + + + +
deleteMessage of two        a b b b b b +
react                       a s f u ! ! !
react to one of two         a b b b b b !
unreact                     a s f u ! ! !
pinMessage                  a s f u n ! !
unpinMessage                a s f u n ! !
markDelivered               a s f ! ! ! !
markRead                    a s f ! ! ! !
markRead of two             a b b b b b !
setTyping                   a s f u + + +
setPresence                 a + + + + + +
deleteFile                  a 0 0 0 0 0 +
markNotificationsRead       a + + + + + +
setNotificationSettings     a + + + + + +
setNotificationChoices      a + + + + + +
subscribeToPush             a v v v v v v
unsubscribeFromPush         a 0 0 0 0 0 0
setMailbox                  a v v v v v v
removeMailbox               a 0 0 0 0 0 +
createWebhook               a b b b b b b
rotateWebhookSecret         a b b b b b !
setWebhookEnabled           a b b b b b !
replayWebhook               a b b b b b +
deleteWebhook               a 0 0 0 0 0 +
deleteAccount               a o o o o o o
messageAdded                a s f ! ! ! !
messageUpdated              a s f ! ! ! !
typing                      a s f + + + +
presence                    a s f + + + +
notificationAdded           a ! ! ! ! ! !
"""
"""`0`: nothing is told or done; `+`: it is done; `!`: and somebody's word is told. A letter is a
refusal. A former member sees the cards of that time.
"""


TOLD: Final = {
    Scope.MESSAGES_READ: set(
        "conversation conversations searchMessages group node keyEpoch keyEpochs".split()
    ),
    Scope.MESSAGES_WRITE: {"sendMessage"},
    Scope.NOTIFICATIONS: set(
        "notifications notificationSettings rotateWebhookSecret setWebhookEnabled".split()
    ),
    Scope.KEYS: set(),
    Scope.ACCOUNT: {"me"},
}
"""What tells words to a token of one scope. Who sends a file of his own is told its name."""


def cells() -> list[tuple[str, str, str]]:
    rows = (line.rsplit(maxsplit=len(PEOPLE)) for line in CELLS.strip().splitlines()[1:])
    return [
        (what, who, letter)
        for what, *letters in rows
        for who, letter in zip(PEOPLE, letters, strict=True)
    ]
