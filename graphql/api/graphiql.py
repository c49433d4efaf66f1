"""GraphiQL, served from our own copy of its files: it works without the internet."""

from pathlib import Path
from typing import Final

from starlette.responses import HTMLResponse, Response

STATIC: Final = Path(__file__).with_name("static")
TEMPLATE: Final = Path(__file__).with_name("graphiql.html")
FILES: Final = (
    "react.production.min.js",
    "react-dom.production.min.js",
    "graphiql.min.js",
    "graphiql.min.css",
    "graphql-ws.min.js",
)
MISSING: Final = """<!doctype html><title>dchat</title><p>GraphiQL's files are not here; run
<code>make setup</code>. The API itself is up: POST your queries to this address.</p>"""


def page() -> Response:
    """The page; where its files were never copied, words that say how to get them."""
    if not all((STATIC / file).exists() for file in FILES):
        return HTMLResponse(MISSING, status_code=503)
    return HTMLResponse(TEMPLATE.read_text())
