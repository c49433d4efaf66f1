some-group = un grupo
invited = Te han añadido a { $group }
joined = { $member } se unió a { $group }
role-changed = { $role ->
    [owner] Ahora { $group } te pertenece
    [admin] Ahora administras { $group }
   *[member] Ahora participas en { $group } sin permisos de administración
}
muted = { $muted ->
    [yes] Te han silenciado en { $group }
   *[no] Ya puedes volver a escribir en { $group }
}
removed = Te han expulsado de { $group }
join-requested = { $requester } pide unirse a { $group }
request-approved = Se aprobó tu solicitud para unirte a { $group }
request-rejected = Se rechazó tu solicitud para unirte a { $group }
payment-created = { $type ->
    [crowdfunding] { $initiator } inició una financiación colectiva de { $amount } ETH en { $group }
   *[payment] { $initiator } pide { $amount } ETH en { $group }
}
contributed = { $contributor } pagó { $amount } ETH en { $group }
payment-completed = Se completó un pago en { $group }
payment-cancelled = { $refunded ->
    [yes] Se canceló un pago en { $group }; puedes recuperar { $amount } ETH
   *[no] Se canceló un pago en { $group }
}
payment-due = Un pago en { $group } vence el { $deadline } y aún no has pagado
packet-sent = { $count ->
    [one] { $sender } envió a { $group } un sobre rojo de { $amount } ETH con una sola parte
    [many] { $sender } envió a { $group } un sobre rojo de { $amount } ETH con { $count } de partes
   *[other] { $sender } envió a { $group } un sobre rojo de { $amount } ETH con { $count } partes
}
packet-sent-to-you = { $sender } te envió un sobre rojo en { $group }
packet-claimed = { $claimer } tomó { $amount } ETH de tu sobre rojo en { $group }
packet-emptied = { $known ->
    [yes] Tu sobre rojo en { $group } está vacío. { $luckiest } tuvo más suerte, con { $amount } ETH
   *[no] Tu sobre rojo en { $group } está vacío
}
packet-expired = Tu sobre rojo en { $group } ha caducado; puedes recuperar { $amount } ETH
retracted = La cadena lo ha revertido: { $text }
digest-subject = { $count ->
    [one] Ha pasado una cosa en tus grupos
    [many] Han pasado { $count } de cosas en tus grupos
   *[other] Han pasado { $count } cosas en tus grupos
}
digest-more = { $count ->
    [one] … y una más
    [many] … y { $count } más
   *[other] … y { $count } más
}
digest-unsubscribe = Recibes este correo porque lo pediste. Para no recibir más: { $link }
verify-subject = ¿Es esta tu dirección de correo?
verify-body = Quien posee { $address } quiere recibir notificaciones en esta dirección de correo. Si eres tú, confírmalo antes de un día: { $link }
verify-ignore = Si no, no hagas nada y no volverás a saber de nosotros.
page-verify = ¿Recibir notificaciones por correo?
page-verified = A partir de ahora recibes notificaciones por correo.
page-unsubscribe = ¿No recibir más notificaciones por correo?
page-unsubscribed = Ya no recibes notificaciones por correo.
page-confirm = Confirmar
page-invalid = Este enlace ya no es válido.
