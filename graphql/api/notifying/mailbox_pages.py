"""The pages that links in e-mails lead to: they ask first, as programs follow links, too."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from api.notifying import changes
from api.writes import Transaction, Writer
from indexer.texts.catalogue import Locale, say

PAGE: Final = """<!doctype html>
<html lang="{lang}" dir="{direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>dchat</title></head>
<body><p>{said}</p>{form}</body></html>
"""
FORM: Final = '<form method="post"><button>{confirm}</button></form>'
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
}
LOCALE: Final = """
SELECT coalesce(s.locale, 'en') AS locale FROM mailboxes AS m
LEFT JOIN notification_settings AS s ON s.address = m.address WHERE m.{column} = :word
"""
Do = Callable[[Transaction, bytes], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Asks what `ask` says, does it when it is confirmed, and says `done`."""

    parameter: str
    ask: str
    done: str
    do: Do


VERIFY: Final = Page(parameter="code", ask="page-verify", done="page-verified", do=changes.verify)
UNSUBSCRIBE: Final = Page(
    parameter="token", ask="page-unsubscribe", done="page-unsubscribed", do=changes.end_mails
)


def routes(writer: Writer) -> list[Route]:
    """`/mail/verify?code=` and `/mail/unsubscribe?token=`; the latter takes RFC 8058's click."""

    def served(page: Page) -> Any:
        async def serve(request: Request) -> Response:
            return await _answer(writer, page, request)

        return serve

    return [
        Route("/mail/verify", served(VERIFY), methods=["GET", "POST"]),
        Route("/mail/unsubscribe", served(UNSUBSCRIBE), methods=["GET", "POST"]),
    ]


async def _answer(writer: Writer, page: Page, request: Request) -> Response:
    word = _word(request.query_params.get(page.parameter, ""))
    async with writer.transaction() as db:
        row = await db.row(text(LOCALE.format(column=page.parameter)), {"word": word})
        if row is None:
            return _page(Locale.ENGLISH, "page-invalid", status=404)
        locale = Locale(row.locale)
        if request.method != "POST":
            return _page(locale, page.ask, form=True)
        if not await page.do(db, word):
            return _page(locale, "page-invalid", status=404)
    return _page(locale, page.done)


def _word(hexed: str) -> bytes:
    try:
        return bytes.fromhex(hexed)
    except ValueError:
        return b""


def _page(locale: Locale, message: str, *, form: bool = False, status: int = 200) -> Response:
    confirm = FORM.format(confirm=escape(say(locale, "page-confirm"))) if form else ""
    page = PAGE.format(
        lang=locale.value,
        direction="rtl" if locale is Locale.ARABIC else "ltr",
        said=escape(say(locale, message)),
        form=confirm,
    )
    return HTMLResponse(page, status_code=status, headers=HEADERS)
