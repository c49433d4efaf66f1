some-group = あるグループ
invited = { $group } に追加されました
joined = { $member } さんが { $group } に参加しました
role-changed = { $role ->
    [owner] { $group } のオーナーになりました
    [admin] { $group } の管理者になりました
   *[member] { $group } の一般メンバーになりました（管理者権限はありません）
}
muted = { $muted ->
    [yes] { $group } で発言を制限されました
   *[no] { $group } で再び発言できるようになりました
}
removed = { $group } から退会させられました
join-requested = { $requester } さんが { $group } への参加を希望しています
request-approved = { $group } への参加申請が承認されました
request-rejected = { $group } への参加申請が却下されました
payment-created = { $type ->
    [crowdfunding] { $initiator } さんが { $group } で { $amount } ETH のクラウドファンディングを始めました
   *[payment] { $initiator } さんが { $group } で { $amount } ETH の支払いを求めています
}
contributed = { $contributor } さんが { $group } で { $amount } ETH を支払いました
payment-completed = { $group } の支払いが完了しました
payment-cancelled = { $refunded ->
    [yes] { $group } の支払いが取り消されました。{ $amount } ETH の返金を受け取れます
   *[no] { $group } の支払いが取り消されました
}
payment-due = { $group } の支払い期限は { $deadline } です。まだお支払いがありません
packet-sent = { $count ->
   *[other] { $sender } さんが { $group } に { $amount } ETH のお年玉を { $count } 口で送りました
}
packet-sent-to-you = { $sender } さんが { $group } であなたにお年玉を送りました
packet-claimed = { $claimer } さんが { $group } のあなたのお年玉から { $amount } ETH を受け取りました
packet-emptied = { $known ->
    [yes] { $group } のあなたのお年玉はなくなりました。最も幸運だったのは { $luckiest } さんで { $amount } ETH です
   *[no] { $group } のあなたのお年玉はなくなりました
}
packet-expired = { $group } のあなたのお年玉は期限切れです。{ $amount } ETH の返金を受け取れます
retracted = チェーン上で取り消されました：{ $text }
digest-subject = { $count ->
   *[other] グループで { $count } 件の出来事がありました
}
digest-more = { $count ->
   *[other] …ほか { $count } 件
}
digest-unsubscribe = このメールは通知をご希望の方にお送りしています。配信停止：{ $link }
verify-subject = このメールアドレスはあなたのものですか？
verify-body = { $address } の所有者が、このメールアドレスで通知を受け取ることを希望しています。ご本人であれば一日以内に確認してください：{ $link }
verify-ignore = お心当たりがなければ何もしないでください。今後ご連絡することはありません。
page-verify = メールで通知を受け取りますか？
page-verified = 今後はメールで通知を受け取ります。
page-unsubscribe = メールでの通知を停止しますか？
page-unsubscribed = メールでの通知を停止しました。
page-confirm = 確認する
page-invalid = このリンクは無効になりました。
