some-group = 어느 그룹
invited = { $group } 그룹에 추가되었습니다
joined = { $member } 님이 { $group } 그룹에 참여했습니다
role-changed = { $role ->
    [owner] { $group } 그룹의 소유자가 되었습니다
    [admin] { $group } 그룹의 관리자가 되었습니다
   *[member] { $group } 그룹의 일반 구성원이 되었습니다(관리자 권한 없음)
}
muted = { $muted ->
    [yes] { $group } 그룹에서 음소거되었습니다
   *[no] { $group } 그룹에서 다시 글을 쓸 수 있습니다
}
removed = { $group } 그룹에서 내보내졌습니다
join-requested = { $requester } 님이 { $group } 그룹 참여를 요청합니다
request-approved = { $group } 그룹 참여 요청이 승인되었습니다
request-rejected = { $group } 그룹 참여 요청이 거절되었습니다
payment-created = { $type ->
    [crowdfunding] { $initiator } 님이 { $group } 그룹에서 { $amount } ETH 크라우드펀딩을 시작했습니다
   *[payment] { $initiator } 님이 { $group } 그룹에서 { $amount } ETH를 요청합니다
}
contributed = { $contributor } 님이 { $group } 그룹에서 { $amount } ETH를 냈습니다
payment-completed = { $group } 그룹의 결제가 완료되었습니다
payment-cancelled = { $refunded ->
    [yes] { $group } 그룹의 결제가 취소되었습니다. { $amount } ETH를 돌려받을 수 있습니다
   *[no] { $group } 그룹의 결제가 취소되었습니다
}
payment-due = { $group } 그룹의 결제 기한은 { $deadline }이며 아직 내지 않았습니다
packet-sent = { $count ->
   *[other] { $sender } 님이 { $group } 그룹에 { $amount } ETH 세뱃돈 봉투를 { $count }몫으로 보냈습니다
}
packet-sent-to-you = { $sender } 님이 { $group } 그룹에서 세뱃돈 봉투를 보냈습니다
packet-claimed = { $claimer } 님이 { $group } 그룹의 내 봉투에서 { $amount } ETH를 가져갔습니다
packet-emptied = { $known ->
    [yes] { $group } 그룹의 내 봉투가 비었습니다. 가장 운이 좋은 사람은 { $luckiest } 님, { $amount } ETH입니다
   *[no] { $group } 그룹의 내 봉투가 비었습니다
}
packet-expired = { $group } 그룹의 내 봉투가 만료되었습니다. { $amount } ETH를 돌려받을 수 있습니다
retracted = 체인에서 취소되었습니다: { $text }
digest-subject = { $count ->
   *[other] 내 그룹에 새 소식이 { $count }건 있습니다
}
digest-more = { $count ->
   *[other] … 외 { $count }건
}
digest-unsubscribe = 신청하셨기에 보내드리는 메일입니다. 수신 거부: { $link }
verify-subject = 본인의 이메일 주소인가요?
verify-body = { $address } 소유자가 이 이메일 주소로 알림을 받고자 합니다. 본인이라면 하루 안에 확인해 주세요: { $link }
verify-ignore = 아니라면 아무것도 하지 마세요. 다시 연락드리지 않겠습니다.
page-verify = 이메일로 알림을 받으시겠습니까?
page-verified = 이제 이메일로 알림을 받습니다.
page-unsubscribe = 이메일 알림을 그만 받으시겠습니까?
page-unsubscribed = 이제 이메일 알림을 받지 않습니다.
page-confirm = 확인
page-invalid = 이 링크는 더 이상 유효하지 않습니다.
