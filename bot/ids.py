"""Ids that follow from what Teams sent, so that a message delivered twice is one message."""

import re
from base64 import b32encode
from hashlib import sha256

from botbuilder.schema import Activity

from bot.speaker import tenant_of

_ID = re.compile(r"req-[a-z2-7]{10}")
_LENGTH = 10  # 50 bits: two among a million requests share one with a chance of 1 in 2,000


def request_id_of(activity: Activity) -> str:
    """Derive the id of the request that this message asks for; short enough to be typed."""
    source = "\n".join((tenant_of(activity), str(activity.conversation.id), str(activity.id or "")))
    digest = b32encode(sha256(source.encode()).digest()).decode().lower()
    return f"req-{digest[:_LENGTH]}"


def is_request_id(text: str) -> bool:
    """Say whether a text could be the id of a request: only such a one is looked for."""
    return _ID.fullmatch(text) is not None
