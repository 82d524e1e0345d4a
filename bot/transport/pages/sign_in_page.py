"""The page that a browser shows after a sign-in: one sentence, nothing from outside, no script."""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html import escape

from cards.languages.language import spoken

_STYLE = (
    "body{margin:0;font:1rem/1.5 system-ui,sans-serif;background:#f5f5f5;color:#242424}"
    "main{max-width:32rem;margin:15vh auto 0;padding:1.5rem 2rem;background:#fff;"
    "border-top:.25rem solid #5b5fc7;border-radius:.25rem}"
    "h1{margin:0 0 .5rem;font-size:1.25rem}"
    "p{margin:0}"
    "@media(prefers-color-scheme:dark){body{background:#1f1f1f;color:#fff}main{background:#292929}}"
)

_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""The headers of everything under ``/sign-in``: its addresses have codes in them."""


def sign_in_page(title: str, sentence: str) -> str:
    """Return the page as HTML, in the language that is spoken; both texts are escaped."""
    return (
        f'<!doctype html><html lang="{spoken().code}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)} · Latchkey</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1><p>{escape(sentence)}</p></main></body></html>"
    )
