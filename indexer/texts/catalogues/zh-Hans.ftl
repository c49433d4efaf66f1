some-group = 某个群组
invited = 你已被加入 { $group }
joined = { $member } 加入了 { $group }
role-changed = { $role ->
    [owner] 你现在是 { $group } 的群主
    [admin] 你现在是 { $group } 的管理员
   *[member] 你现在是 { $group } 的普通成员，不再有管理员权限
}
muted = { $muted ->
    [yes] 你在 { $group } 中被禁言
   *[no] 你可以重新在 { $group } 中发言了
}
removed = 你已被移出 { $group }
join-requested = { $requester } 申请加入 { $group }
request-approved = 你加入 { $group } 的申请已通过
request-rejected = 你加入 { $group } 的申请被拒绝
payment-created = { $type ->
    [crowdfunding] { $initiator } 在 { $group } 发起了目标为 { $amount } ETH 的众筹
   *[payment] { $initiator } 在 { $group } 发起了 { $amount } ETH 的收款
}
contributed = { $contributor } 在 { $group } 支付了 { $amount } ETH
payment-completed = { $group } 中的一笔收款已完成
payment-cancelled = { $refunded ->
    [yes] { $group } 中的一笔收款已取消，你可以取回 { $amount } ETH
   *[no] { $group } 中的一笔收款已取消
}
payment-due = { $group } 中的一笔收款将于 { $deadline } 截止，你尚未支付
packet-sent = { $count ->
   *[other] { $sender } 在 { $group } 发了一个 { $amount } ETH 的红包，共 { $count } 份
}
packet-sent-to-you = { $sender } 在 { $group } 给你发了一个红包
packet-claimed = { $claimer } 从你在 { $group } 发的红包中领取了 { $amount } ETH
packet-emptied = { $known ->
    [yes] 你在 { $group } 发的红包已被领完，手气最佳是 { $luckiest }，领到 { $amount } ETH
   *[no] 你在 { $group } 发的红包已被领完
}
packet-expired = 你在 { $group } 发的红包已过期，可取回 { $amount } ETH
retracted = 已被链上撤回：{ $text }
digest-subject = { $count ->
   *[other] 你的群组有 { $count } 条新通知
}
digest-more = { $count ->
   *[other] ……另有 { $count } 条
}
digest-unsubscribe = 你收到这封邮件是因为你订阅了通知。退订：{ $link }
verify-subject = 这是你的邮箱地址吗？
verify-body = { $address } 的持有者希望通过此邮箱接收通知。如果是你本人，请在一天之内确认：{ $link }
verify-ignore = 如果不是，请忽略本邮件，我们不会再打扰你。
page-verify = 要通过邮件接收通知吗？
page-verified = 从现在起，你将通过邮件接收通知。
page-unsubscribe = 不再通过邮件接收通知吗？
page-unsubscribed = 你将不再收到邮件通知。
page-confirm = 确认
page-invalid = 此链接已失效。
