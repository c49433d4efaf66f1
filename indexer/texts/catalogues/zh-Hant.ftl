some-group = 某個群組
invited = 你已被加入 { $group }
joined = { $member } 加入了 { $group }
role-changed = { $role ->
    [owner] 你現在是 { $group } 的群主
    [admin] 你現在是 { $group } 的管理員
   *[member] 你現在是 { $group } 的一般成員，不再有管理員權限
}
muted = { $muted ->
    [yes] 你在 { $group } 中被禁言
   *[no] 你可以重新在 { $group } 中發言了
}
removed = 你已被移出 { $group }
join-requested = { $requester } 申請加入 { $group }
request-approved = 你加入 { $group } 的申請已通過
request-rejected = 你加入 { $group } 的申請被拒絕
payment-created = { $type ->
    [crowdfunding] { $initiator } 在 { $group } 發起了目標為 { $amount } ETH 的群眾募資
   *[payment] { $initiator } 在 { $group } 發起了 { $amount } ETH 的收款
}
contributed = { $contributor } 在 { $group } 支付了 { $amount } ETH
payment-completed = { $group } 中的一筆收款已完成
payment-cancelled = { $refunded ->
    [yes] { $group } 中的一筆收款已取消，你可以取回 { $amount } ETH
   *[no] { $group } 中的一筆收款已取消
}
payment-due = { $group } 中的一筆收款將於 { $deadline } 截止，你尚未支付
packet-sent = { $count ->
   *[other] { $sender } 在 { $group } 發了一個 { $amount } ETH 的紅包，共 { $count } 份
}
packet-sent-to-you = { $sender } 在 { $group } 給你發了一個紅包
packet-claimed = { $claimer } 從你在 { $group } 發的紅包中領取了 { $amount } ETH
packet-emptied = { $known ->
    [yes] 你在 { $group } 發的紅包已被領完，手氣最佳是 { $luckiest }，領到 { $amount } ETH
   *[no] 你在 { $group } 發的紅包已被領完
}
packet-expired = 你在 { $group } 發的紅包已過期，可取回 { $amount } ETH
retracted = 已被鏈上撤回：{ $text }
digest-subject = { $count ->
   *[other] 你的群組有 { $count } 則新通知
}
digest-more = { $count ->
   *[other] ……另有 { $count } 則
}
digest-unsubscribe = 你收到這封郵件是因為你訂閱了通知。取消訂閱：{ $link }
verify-subject = 這是你的電子郵件地址嗎？
verify-body = { $address } 的持有者希望透過此電子郵件地址接收通知。如果是你本人，請在一天之內確認：{ $link }
verify-ignore = 如果不是，請忽略本郵件，我們不會再打擾你。
page-verify = 要透過電子郵件接收通知嗎？
page-verified = 從現在起，你將透過電子郵件接收通知。
page-unsubscribe = 不再透過電子郵件接收通知嗎？
page-unsubscribed = 你將不再收到電子郵件通知。
page-confirm = 確認
page-invalid = 此連結已失效。
