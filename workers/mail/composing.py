"""What a mail says, in its reader's language: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from typing import Final

from indexer.db.mails import Box, Mail
from indexer.texts.catalogue import Locale, say
from indexer.units import Address, checksum

LINE: Final = 76


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who writes (`Name <address>`), and where links of the mails lead."""

    address: str
    public_url: str

    def verifying(self, box: Box) -> str:
        """The link that verifies the mailbox."""
        return f"{self.public_url}/mail/verify?code={box.code.hex()}"

    def unsubscribing(self, box: Box) -> str:
        """The link that ends all mails to it."""
        return f"{self.public_url}/mail/unsubscribe?token={box.token.hex()}"


def digest(mail: Mail, box: Box, told: Sequence[str], count: int, sender: Sender) -> EmailMessage:
    """The sentences, `count` being how many there would be. RFC 8058: one click unsubscribes."""
    locale, link = Locale(box.locale), sender.unsubscribing(box)
    lines = [f"• {sentence}" for sentence in told]
    if count > len(told):
        lines.append(say(locale, "digest-more", count=count - len(told)))
    end = say(locale, "digest-unsubscribe", link=link)
    made = _mail(mail, say(locale, "digest-subject", count=count), [*lines, "", end], box, sender)
    made["List-Unsubscribe"] = f"<{link}>"
    made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return made


def verification(mail: Mail, box: Box, sender: Sender) -> EmailMessage:
    """Asks whoever reads it whether the mailbox is his."""
    locale = Locale(box.locale)
    owner = checksum(Address(mail.address))
    ask = say(locale, "verify-body", address=owner, link=sender.verifying(box))
    lines = [ask, "", say(locale, "verify-ignore")]
    return _mail(mail, say(locale, "verify-subject"), lines, box, sender)


def _mail(mail: Mail, subject: str, lines: Sequence[str], box: Box, sender: Sender) -> EmailMessage:
    made = EmailMessage()
    domain = parseaddr(sender.address)[1].rpartition("@")[2]
    made["From"] = sender.address
    made["To"] = mail.email
    made["Subject"] = subject
    made["Date"] = formatdate()
    made["Message-ID"] = f"<dchat-{mail.id}-{box.token.hex()[:16]}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made["Content-Language"] = box.locale
    made.set_content("\n".join(lines) + "\n")
    return made
