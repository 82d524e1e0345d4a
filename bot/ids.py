"""Derive ids from what Teams sent, so a message delivered twice counts once."""

import re
from base64 import b32encode
from hashlib import sha256

from bot.turn import TurnFacts
from domain.checkpoints import checkpoints
from domain.policy_file import file
from domain.retention import retention

_REQUEST = re.compile(r"req-[a-z2-7]{10}")
_ROTATION = re.compile(r"rot-[a-z0-9]{10}")
_ERASURE = re.compile(r"ers-[a-z2-7]{10}")
_ORPHAN = re.compile(r"orp-[0-9a-f]{10}")
_DRILL = re.compile(r"drl-[a-z0-9]{10}")
_SCHEDULE = re.compile(r"sch-[0-9a-f]{16}")
_THERE_ONCE = frozenset({checkpoints.WORKFLOW_ID, file.WORKFLOW_ID, retention.WORKFLOW_ID})
_LENGTH = 10  # 50 bits: two among a million requests share one with a chance of 1 in 2,000


def request_id_of(turn: TurnFacts) -> str:
    """Derive the id of the request made by this message; short enough to type."""
    return f"req-{_derived(turn)}"


def rotation_id_of(turn: TurnFacts) -> str:
    """Derive the id of the rotation requested by this message."""
    return f"rot-{_derived(turn)}"


def erasure_id_of(turn: TurnFacts) -> str:
    """Derive the id of the erasure requested by this message."""
    return f"ers-{_derived(turn)}"


def drill_id_of(turn: TurnFacts) -> str:
    """Derive the id of the drill asked for by this message."""
    return f"drl-{_derived(turn)}"


def source_id_of_message(turn: TurnFacts) -> str:
    """Identify this message, so a redelivery is recognised."""
    return _derived(turn)


def source_id_of_click(turn: TurnFacts, *meant: str) -> str:
    """Identify a click by its meaning: Teams may resend one click under another id."""
    return _digest(turn, turn.clicked_id, *meant)


def is_request_id(text: str) -> bool:
    """Return whether a text could be a request id; nothing else is looked up."""
    return _REQUEST.fullmatch(text) is not None


def is_rotation_id(text: str) -> bool:
    """Return whether a text could be a rotation id; nothing else is looked up."""
    return _ROTATION.fullmatch(text) is not None


def is_orphan_id(text: str) -> bool:
    """Return whether a text could be an orphan id; nothing else is looked up."""
    return _ORPHAN.fullmatch(text) is not None


def is_erasure_id(text: str) -> bool:
    """Return whether a text could be an erasure id; nothing else is looked up."""
    return _ERASURE.fullmatch(text) is not None


def is_drill_id(text: str) -> bool:
    """Return whether a text could be a drill id; nothing else is looked up."""
    return _DRILL.fullmatch(text) is not None


def is_workflow_id(text: str) -> bool:
    """Return whether a text could be the id of a request, a rotation, an orphan or a drill."""
    return any(
        is_one(text) for is_one in (is_request_id, is_rotation_id, is_orphan_id, is_drill_id)
    )


def has_evidence(text: str) -> bool:
    """Return whether a text could be the ID of anything with fingerprints in the audit channel.

    That is also what is there once, such as the policy file, and a secret's schedule.
    """
    return (
        is_workflow_id(text)
        or is_erasure_id(text)
        or _SCHEDULE.fullmatch(text) is not None
        or text in _THERE_ONCE
    )


def _derived(turn: TurnFacts) -> str:
    return _digest(turn, turn.message_id)


def _digest(turn: TurnFacts, *parts: str) -> str:
    source = "\n".join((turn.actor.tenant_id, turn.conversation.id, *parts))
    return b32encode(sha256(source.encode()).digest()).decode().lower()[:_LENGTH]
