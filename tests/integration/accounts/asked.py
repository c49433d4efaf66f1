"""Everything that takes an identity, as documents; `%(…)s` are filled in by who asks."""

from typing import Final

TEXT: Final = "nodes { id content attachments { name } replyTo { content } }"
LATEST: Final = "{ messages(last: 9) { " + TEXT + " } }"
PLAIN: Final = "{ messages(last: 9) { nodes { id content } pageInfo { hasNextPage } } }"
"""These, and others of plain fields alone, are answered without being executed."""
QUERIES: Final = {
    "me": "me { address }",
    "me.sessions": "me { sessions { client } }",
    "me.apiKeys": "me { apiKeys { name } }",
    "conversation": 'conversation(groupId: "%(group)s") ' + LATEST,
    "conversation, plain": 'conversation(groupId: "%(group)s") ' + PLAIN,
    "conversation of two, plain": 'conversation(recipient: "%(other)s") ' + PLAIN,
    "group.messages, plain": 'group(groupId: "%(group)s") ' + PLAIN,
    "conversation of two": 'conversation(recipient: "%(other)s") { messages(last: 9) { '
    + TEXT
    + " } }",
    "conversation.lastMessage": 'conversation(groupId: "%(group)s") { lastMessage { content } }',
    "conversation.pinned": 'conversation(groupId: "%(group)s") { pinned { content } }',
    "conversations": "conversations { nodes " + LATEST + " }",
    "searchMessages": 'searchMessages(text: "hush") { ' + TEXT + " }",
    "searchMessages in one": 'searchMessages(text: "hush", groupId: "%(group)s") { ' + TEXT + " }",
    "group.messages": 'group(groupId: "%(group)s") ' + LATEST,
    "node: message": 'node(id: "%(message)s") { ... on Message { content attachments { name } } }',
    "node: message of two": 'node(id: "%(direct)s") { ... on Message { content } }',
    "node: conversation": (
        'node(id: "%(conversation)s") { ... on Conversation { messages(last: 9) { '
        + TEXT
        + " } } }"
    ),
    "node: file": 'node(id: "%(file)s") { ... on File { name } }',
    "notifications": "notifications { nodes { arguments } }",
    "unreadNotificationCount": "unreadNotificationCount",
    "notificationSettings": "notificationSettings { mailbox { email } }",
    "notificationSettings.webhooks": "notificationSettings { webhooks { url } }",
    "keyEpoch": 'keyEpoch(groupKey: "%(key)s") { keyId }',
    "keyEpoch.wrappedKeys": 'keyEpoch(groupKey: "%(key)s") { wrappedKeys { wrapped } }',
    "keyEpochs": 'keyEpochs(groupKey: "%(key)s") { wrappedKeys { wrapped } }',
}
SHOWN: Final = "{ id content replyTo { content } attachments { name } }"
MUTATIONS: Final = {
    "signOut": "signOut",
    "revokeSession": 'revokeSession(id: "%(session)s")',
    "createApiKey": 'createApiKey(name: "a bot", scopes: [KEYS]) { apiKey { id } }',
    "revokeApiKey": 'revokeApiKey(id: "%(api_key)s")',
    "registerPublicKey": (
        'registerPublicKey(key: "%(jwk)s", issuedAt: "%(now)s", signature: "%(signature)s") '
        "{ fingerprint }"
    ),
    "revokePublicKey": 'revokePublicKey(fingerprint: "%(fingerprint)s") { fingerprint }',
    "wrapGroupKey": (
        'wrapGroupKey(groupKey: "%(key)s", epoch: "%(epoch)s", keyId: "0x01", keys: []) { keyId }'
    ),
    "sendMessage": 'sendMessage(groupId: "%(group)s", content: "hello") ' + SHOWN,
    "sendMessage, plain": 'sendMessage(groupId: "%(group)s", content: "hello") { id content }',
    "sendMessage to somebody": 'sendMessage(recipient: "%(other)s", content: "hello") ' + SHOWN,
    "sendMessage as an answer": (
        'sendMessage(groupId: "%(group)s", content: "yes", replyTo: "%(message)s") ' + SHOWN
    ),
    "sendMessage with a file": (
        'sendMessage(recipient: "%(other)s", content: "look", attachments: ["%(file)s"]) ' + SHOWN
    ),
    "forwardMessage": 'forwardMessage(id: "%(message)s", recipient: "%(other)s") ' + SHOWN,
    "forwardMessage of two": 'forwardMessage(id: "%(direct)s", recipient: "%(other)s") ' + SHOWN,
    "editMessage": 'editMessage(id: "%(message)s", content: "no") ' + SHOWN,
    "editMessage of one's own": 'editMessage(id: "%(own)s", content: "no") ' + SHOWN,
    "deleteMessage": 'deleteMessage(id: "%(message)s") ' + SHOWN,
    "deleteMessage of one's own": 'deleteMessage(id: "%(own)s") ' + SHOWN,
    "deleteMessage of two": 'deleteMessage(id: "%(direct)s") ' + SHOWN,
    "react": 'react(id: "%(message)s", emoji: "!") ' + SHOWN,
    "react to one of two": 'react(id: "%(direct)s", emoji: "!") ' + SHOWN,
    "unreact": 'unreact(id: "%(message)s", emoji: "!") ' + SHOWN,
    "pinMessage": 'pinMessage(id: "%(message)s") ' + SHOWN,
    "unpinMessage": 'unpinMessage(id: "%(message)s") ' + SHOWN,
    "markDelivered": 'markDelivered(id: "%(message)s") { lastMessage { content } }',
    "markRead": 'markRead(id: "%(message)s") { lastMessage { content } }',
    "markRead of two": 'markRead(id: "%(direct)s") { lastMessage { content } }',
    "setTyping": 'setTyping(groupId: "%(group)s") { typing }',
    "setPresence": "setPresence { online }",
    "deleteFile": 'deleteFile(id: "%(file)s")',
    "markNotificationsRead": 'markNotificationsRead(ids: ["%(notification)s"])',
    "setNotificationSettings": "setNotificationSettings(locale: EN) { zone }",
    "setNotificationChoices": (
        "setNotificationChoices(choices: [{channel: EMAIL, wanted: false}]) { zone }"
    ),
    "subscribeToPush": (
        'subscribeToPush(endpoint: "https://push.example/1", p256dh: "x", auth: "x") { zone }'
    ),
    "unsubscribeFromPush": 'unsubscribeFromPush(endpoint: "https://push.example/1")',
    "setMailbox": 'setMailbox(email: "a@b.example") { zone }',
    "removeMailbox": "removeMailbox",
    "createWebhook": 'createWebhook(url: "http://hook.example/") { secret }',
    "rotateWebhookSecret": 'rotateWebhookSecret(id: "%(webhook)s") { webhook { url } }',
    "setWebhookEnabled": 'setWebhookEnabled(id: "%(webhook)s", enabled: true) { url }',
    "replayWebhook": 'replayWebhook(id: "%(webhook)s")',
    "deleteWebhook": 'deleteWebhook(id: "%(webhook)s")',
    "deleteAccount": "deleteAccount { messages }",
}
SUBSCRIPTIONS: Final = {
    "messageAdded": 'messageAdded(groupId: "%(group)s") { content }',
    "messageUpdated": 'messageUpdated(groupId: "%(group)s") { content }',
    "typing": 'typing(groupId: "%(group)s") { user }',
    "presence": 'presence(groupId: "%(group)s") { user }',
    "notificationAdded": "notificationAdded { notification { arguments } }",
}
PUBLIC: Final = frozenset(
    "meta group groups searchGroups payment payments redPacket redPackets user events statistics "
    "prepare audit completeness publicKeyMessage signInChallenge signIn refreshSession "
    "groupUpdated paymentUpdated redPacketUpdated".split()
)
"""Roots that take none, and show nothing that is anybody's."""
