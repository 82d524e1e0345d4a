"""Ids that follow from what Teams sent, so that a message delivered twice is one message."""

import re
from base64 import b32encode
from hashlib import sha256

from bot.turn import TurnFacts

_REQUEST = re.compile(r"req-[a-z2-7]{10}")
_ROTATION = re.compile(r"rot-[a-z0-9]{10}")
_ORPHAN = re.compile(r"orp-[0-9a-f]{10}")
_LENGTH = 10  # 50 bits: two among a million requests share one with a chance of 1 in 2,000


def request_id_of(turn: TurnFacts) -> str:
    """Derive the id of the request that this message asks for; short enough to be typed."""
    return f"req-{_derived(turn)}"


def rotation_id_of(turn: TurnFacts) -> str:
    """Derive the id of the rotation that this message asks for."""
    return f"rot-{_derived(turn)}"


def said_by_message(turn: TurnFacts) -> str:
    """Name what this message says, so that the same one is known again."""
    return _derived(turn)


def said_by_click(turn: TurnFacts, *meant: str) -> str:
    """Name what a click means: Teams may send one click again under another id."""
    return _digest(turn, turn.clicked_id, *meant)


def is_request_id(text: str) -> bool:
    """Say whether a text could be the id of a request: only such a one is looked for."""
    return _REQUEST.fullmatch(text) is not None


def is_rotation_id(text: str) -> bool:
    """Say whether a text could be the id of a rotation: only such a one is looked for."""
    return _ROTATION.fullmatch(text) is not None


def is_orphan_id(text: str) -> bool:
    """Say whether a text could be the id of an orphan: only such a one is looked for."""
    return _ORPHAN.fullmatch(text) is not None


def _derived(turn: TurnFacts) -> str:
    return _digest(turn, turn.message_id)


def _digest(turn: TurnFacts, *parts: str) -> str:
    source = "\n".join((turn.actor.tenant_id, turn.conversation.id, *parts))
    return b32encode(sha256(source.encode()).digest()).decode().lower()[:_LENGTH]
