some-group = إحدى المجموعات
invited = تمت إضافتك إلى { $group }
joined = انضم { $member } إلى { $group }
role-changed = { $role ->
    [owner] أصبحت مالك { $group }
    [admin] أصبحت مشرفًا في { $group }
   *[member] أصبحت عضوًا عاديًا في { $group } دون صلاحيات الإشراف
}
muted = { $muted ->
    [yes] تم كتمك في { $group }
   *[no] يمكنك الكتابة مجددًا في { $group }
}
removed = تمت إزالتك من { $group }
join-requested = يطلب { $requester } الانضمام إلى { $group }
request-approved = تمت الموافقة على طلبك للانضمام إلى { $group }
request-rejected = تم رفض طلبك للانضمام إلى { $group }
payment-created = { $type ->
    [crowdfunding] بدأ { $initiator } تمويلًا جماعيًا بقيمة { $amount } ETH في { $group }
   *[payment] يطلب { $initiator } مبلغ { $amount } ETH في { $group }
}
contributed = دفع { $contributor } مبلغ { $amount } ETH في { $group }
payment-completed = اكتملت دفعة في { $group }
payment-cancelled = { $refunded ->
    [yes] أُلغيت دفعة في { $group }؛ يمكنك استرداد { $amount } ETH
   *[no] أُلغيت دفعة في { $group }
}
payment-due = تستحق دفعة في { $group } في { $deadline } ولم تدفع بعد
packet-sent = { $count ->
    [zero] أرسل { $sender } إلى { $group } ظرفًا أحمر بقيمة { $amount } ETH بلا حصص
    [one] أرسل { $sender } إلى { $group } ظرفًا أحمر بقيمة { $amount } ETH في حصة واحدة
    [two] أرسل { $sender } إلى { $group } ظرفًا أحمر بقيمة { $amount } ETH في حصتين
    [few] أرسل { $sender } إلى { $group } ظرفًا أحمر بقيمة { $amount } ETH في { $count } حصص
    [many] أرسل { $sender } إلى { $group } ظرفًا أحمر بقيمة { $amount } ETH في { $count } حصة
   *[other] أرسل { $sender } إلى { $group } ظرفًا أحمر بقيمة { $amount } ETH في { $count } حصة
}
packet-sent-to-you = أرسل لك { $sender } ظرفًا أحمر في { $group }
packet-claimed = أخذ { $claimer } مبلغ { $amount } ETH من ظرفك الأحمر في { $group }
packet-emptied = { $known ->
    [yes] ظرفك الأحمر في { $group } فارغ. كان { $luckiest } الأوفر حظًا بمبلغ { $amount } ETH
   *[no] ظرفك الأحمر في { $group } فارغ
}
packet-expired = انتهت صلاحية ظرفك الأحمر في { $group }؛ يمكنك استرداد { $amount } ETH
retracted = تراجعت عنه السلسلة: { $text }
digest-subject = { $count ->
    [zero] لم يحدث شيء في مجموعاتك
    [one] حدث شيء واحد في مجموعاتك
    [two] حدث شيئان في مجموعاتك
    [few] حدثت { $count } أشياء في مجموعاتك
    [many] حدث { $count } شيئًا في مجموعاتك
   *[other] حدث { $count } شيء في مجموعاتك
}
digest-more = { $count ->
    [zero] … ولا شيء غير ذلك
    [one] … وواحد آخر
    [two] … واثنان آخران
    [few] … و{ $count } أخرى
    [many] … و{ $count } غيرها
   *[other] … و{ $count } غيرها
}
digest-unsubscribe = تصلك هذه الرسالة لأنك طلبتها. لإيقافها: { $link }
verify-subject = هل هذا عنوان بريدك الإلكتروني؟
verify-body = يريد مالك { $address } تلقي الإشعارات على هذا البريد. إن كنت أنت فأكّد ذلك خلال يوم: { $link }
verify-ignore = وإلا فلا تفعل شيئًا، ولن نراسلك مجددًا.
page-verify = هل تريد تلقي الإشعارات عبر البريد؟
page-verified = ستصلك الإشعارات عبر البريد من الآن فصاعدًا.
page-unsubscribe = هل تريد إيقاف الإشعارات عبر البريد؟
page-unsubscribed = لن تصلك إشعارات عبر البريد بعد الآن.
page-confirm = تأكيد
page-invalid = لم يعد هذا الرابط صالحًا.
