# What people are told. Amounts are in ether; $group is some-group where it has no name.
some-group = a group
invited = You were added to { $group }
joined = { $member } joined { $group }
role-changed = { $role ->
    [owner] You now own { $group }
    [admin] You are now an admin of { $group }
   *[member] You are now a member of { $group }, without an admin’s rights
}
muted = { $muted ->
    [yes] You were muted in { $group }
   *[no] You may write in { $group } again
}
removed = You were removed from { $group }
join-requested = { $requester } asks to join { $group }
request-approved = Your request to join { $group } was approved
request-rejected = Your request to join { $group } was rejected
payment-created = { $type ->
    [crowdfunding] { $initiator } started a crowdfunding of { $amount } ETH in { $group }
   *[payment] { $initiator } asks for { $amount } ETH in { $group }
}
contributed = { $contributor } paid { $amount } ETH in { $group }
payment-completed = A payment in { $group } is complete
payment-cancelled = { $refunded ->
    [yes] A payment in { $group } was cancelled; you can get { $amount } ETH back
   *[no] A payment in { $group } was cancelled
}
payment-due = A payment in { $group } is due on { $deadline }, and you have not paid yet
packet-sent = { $count ->
    [one] { $sender } sent a red packet of { $amount } ETH in one share to { $group }
   *[other] { $sender } sent a red packet of { $amount } ETH in { $count } shares to { $group }
}
packet-sent-to-you = { $sender } sent you a red packet in { $group }
packet-claimed = { $claimer } took { $amount } ETH from your red packet in { $group }
packet-emptied = { $known ->
    [yes] Your red packet in { $group } is empty. { $luckiest } was the luckiest, with { $amount } ETH
   *[no] Your red packet in { $group } is empty
}
packet-expired = Your red packet in { $group } has run out; you can get { $amount } ETH back
retracted = Taken back by the chain: { $text }
digest-subject = { $count ->
    [one] One thing happened in your groups
   *[other] { $count } things happened in your groups
}
digest-more = { $count ->
    [one] … and one more
   *[other] … and { $count } more
}
digest-unsubscribe = You get this mail because you asked for it. No more of them: { $link }
verify-subject = Is this your e-mail address?
verify-body = The owner of { $address } wants to get notifications at this e-mail address. If that is you, confirm it within a day: { $link }
verify-ignore = If not, do nothing, and you will not hear from us again.
page-verify = Get notifications by e-mail?
page-verified = From now on you get notifications by e-mail.
page-unsubscribe = No more notifications by e-mail?
page-unsubscribed = You get no more notifications by e-mail.
page-confirm = Confirm
page-invalid = This link is not valid any more.
