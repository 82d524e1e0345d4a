"""Texts that people could send to deceive, to link, to mention, or to break a card."""

MARK = "MALICE"
"""Part of every hostile text, so a test can find it on a card."""

_MOMENT = "2026-01-01T00:00:00Z"

HOSTILE = {
    "markdown": f"**{MARK}** _x_ `x` # x\n- x\n> x",
    "link": f"[{MARK}](https://evil.example) <https://evil.example> ![{MARK}](https://evil.example/x.png)",
    "mention": f"<at>everyone</at> <at id='0'>{MARK}</at>",
    "html": f"<script>alert('{MARK}')</script><img src=x onerror=alert(1)>&lt;b&gt;",
    "right to left": f"\u202e{MARK}\u202c \u2066x\u2069 \u200fx\u061c",
    "zero width": f"MA\u200bLI\u200c\u200d\u2060\ufeffCE {MARK}\u00ad\u115f\u3164\u2800\U000e0041",
    "control": f"{MARK}\x00\x07\x1b[31m\x7f\x85 x\ud800",
    "date function": f"{MARK} {{{{DATE({_MOMENT}, SHORT)}}}} {{{{TIME({_MOMENT})}}}}",
    "template": f"${{{MARK}}} {{{{{MARK}}}}} %s {{0}}",
    "json": f'", "type": "Action.OpenUrl", "url": "https://evil.example/{MARK}", "',
    "long": f"{MARK} " + "x" * 5_000,
    "long emoji": f"{MARK} " + "\U0001f600" * 5_000,
    "many lines": f"{MARK}\n" * 2_000,
    "thousand": (f"{MARK} " * 200)[:1_000],
}
