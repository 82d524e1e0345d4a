"""The states of requests, rotations, drills and orphaned access, in a word or two."""

from cards.languages.texts import say, say_as
from domain.phrases import mark

_WORDS = {
    "pending": mark("pending"),
    "scheduled": mark("scheduled"),
    "granting": mark("granting"),
    "active": mark("active"),
    "revoking": mark("revoking"),
    "stuck": mark("stuck"),
    "revoked": mark("revoked"),
    "succeeded": mark("succeeded"),
    "denied": mark("denied"),
    "cancelled": mark("cancelled"),
    "failed": mark("failed"),
    "closed": mark("closed"),
    "running": mark("running"),
    "overlapping": mark("overlapping"),
    "rotated": mark("rotated"),
    "rolling_back": mark("rolling back"),
    "rolled_back": mark("rolled back"),
    "needs_human": mark("needs human"),
    "abandoned": mark("abandoned"),
    "spared": mark("spared"),
}


def state_word(state: str) -> str:
    """Name a state as it is stored; one that this version doesn't know is shown as it is."""
    if state == "lapsed":
        return say_as("state", "expired")
    known = _WORDS.get(state)
    return say(known) if known else state.replace("_", " ")
