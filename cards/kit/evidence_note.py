"""The evidence note in an audit message, which covers all events up to its own."""

from cards.languages.texts import say
from domain.audit.evidence import fingerprint


def evidence_note(number: int, link: str) -> str:
    """Return the event's number, and the fingerprint of the chain up to it if there is one."""
    if not link:
        return say("event {number}", number=number)
    mark = fingerprint(link)
    return say("event {number} · fingerprint {fingerprint}", number=number, fingerprint=mark)
