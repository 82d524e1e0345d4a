"""The sentence for a refusal or a failure."""

from collections.abc import Mapping

from cards.languages.texts import say
from cards.reasons.about_others import ABOUT_OTHERS
from cards.reasons.access_failures import ACCESS_FAILURES
from cards.reasons.filling import Filled, Text, filled_in
from cards.reasons.refusals import REFUSALS
from cards.reasons.rotation import ROTATION
from cards.reasons.sign_ins import SIGN_INS
from domain.reasons import AS_WRITTEN, Reason, reason_in
from domain.refusals import Refusal
from domain.workflow import Event

TEXTS: Mapping[str, Text] = {
    **REFUSALS,
    **ACCESS_FAILURES,
    **ROTATION,
    **SIGN_INS,
    AS_WRITTEN: lambda written: written.text("text"),
}
"""The text for each code."""


def sentence_of(why: Reason | Refusal, person: str = "") -> str:
    """Return the sentence for people; a code that this version doesn't know is shown as it is.

    It speaks to the person who asked or acted. For other readers, ``person`` is their name.
    """
    reason = why.reason if isinstance(why, Refusal) else why
    parts = [sentence_of(part, person) for part in reason.parts]
    filled = Filled({**reason.params, "person": person} if person else reason.params, parts)
    text = (ABOUT_OTHERS if person else TEXTS).get(reason.code) or TEXTS.get(reason.code)
    if text is None:
        unknown = say("A newer version of Latchkey gave this reason: {code}.", code=reason.code)
        return " ".join([unknown, *parts])
    return filled_in(text, filled)


def sentence_in(event: Event, name: str = "reason", person: str = "") -> str:
    """Return the sentence for an event's reason; empty if it has none.

    ``person`` is the name of the person who asked or acted, for other readers.
    """
    reason = reason_in(event.facts, name)
    return sentence_of(reason, person) if reason else ""
