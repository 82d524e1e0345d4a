"""The evidence note in an audit message, which covers all events up to its own."""

from domain.audit.evidence import fingerprint


def evidence_note(number: int, link: str) -> str:
    """Return the event's number, and the fingerprint of the chain up to it if there is one."""
    return f"event {number} · fingerprint {fingerprint(link)}" if link else f"event {number}"
