some-group = одна из групп
invited = Вас добавили в группу: { $group }
joined = { $member } теперь в группе: { $group }
role-changed = { $role ->
    [owner] Теперь вы владелец группы: { $group }
    [admin] Теперь вы администратор группы: { $group }
   *[member] Теперь вы обычный участник группы, без прав администратора: { $group }
}
muted = { $muted ->
    [yes] Вам запретили писать в группе: { $group }
   *[no] Вы снова можете писать в группе: { $group }
}
removed = Вас удалили из группы: { $group }
join-requested = { $requester } просит принять в группу: { $group }
request-approved = Ваш запрос на вступление одобрен: { $group }
request-rejected = Ваш запрос на вступление отклонён: { $group }
payment-created = { $type ->
    [crowdfunding] { $initiator } собирает { $amount } ETH всем миром: { $group }
   *[payment] { $initiator } просит { $amount } ETH: { $group }
}
contributed = { $contributor } внёс(ла) { $amount } ETH: { $group }
payment-completed = Сбор завершён: { $group }
payment-cancelled = { $refunded ->
    [yes] Сбор отменён, вы можете вернуть { $amount } ETH: { $group }
   *[no] Сбор отменён: { $group }
}
payment-due = Срок платежа { $deadline }, а вы ещё не заплатили: { $group }
packet-sent = { $count ->
    [one] { $sender } дарит красный конверт на { $amount } ETH, { $count } доля: { $group }
    [few] { $sender } дарит красный конверт на { $amount } ETH, { $count } доли: { $group }
    [many] { $sender } дарит красный конверт на { $amount } ETH, { $count } долей: { $group }
   *[other] { $sender } дарит красный конверт на { $amount } ETH, { $count } доли: { $group }
}
packet-sent-to-you = { $sender } дарит вам красный конверт: { $group }
packet-claimed = { $claimer } берёт { $amount } ETH из вашего красного конверта: { $group }
packet-emptied = { $known ->
    [yes] Ваш красный конверт пуст: { $group }. Больше всех повезло { $luckiest }: { $amount } ETH
   *[no] Ваш красный конверт пуст: { $group }
}
packet-expired = Срок вашего красного конверта истёк, вы можете вернуть { $amount } ETH: { $group }
retracted = Отменено цепочкой: { $text }
digest-subject = { $count ->
    [one] { $count } событие в ваших группах
    [few] { $count } события в ваших группах
    [many] { $count } событий в ваших группах
   *[other] { $count } события в ваших группах
}
digest-more = { $count ->
    [one] … и ещё { $count }
    [few] … и ещё { $count }
    [many] … и ещё { $count }
   *[other] … и ещё { $count }
}
digest-unsubscribe = Вы получили это письмо, потому что подписались. Отписаться: { $link }
verify-subject = Это ваш адрес электронной почты?
verify-body = Владелец { $address } хочет получать уведомления на этот адрес. Если это вы, подтвердите в течение суток: { $link }
verify-ignore = Если нет, ничего не делайте, и мы больше не напишем.
page-verify = Получать уведомления по почте?
page-verified = Теперь вы получаете уведомления по почте.
page-unsubscribe = Больше не получать уведомления по почте?
page-unsubscribed = Вы больше не получаете уведомления по почте.
page-confirm = Подтвердить
page-invalid = Эта ссылка больше не действует.
