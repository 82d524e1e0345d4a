"""The sentence for a refusal or a failure."""

from collections.abc import Mapping

from cards.languages.texts import say
from cards.reasons.about_others import ABOUT_OTHERS
from cards.reasons.access_failures import ACCESS_FAILURES
from cards.reasons.filling import Filled, Text, filled_in
from cards.reasons.refusals.commands import COMMANDS
from cards.reasons.refusals.decisions import DECISIONS
from cards.reasons.refusals.drills import DRILLS
from cards.reasons.refusals.endings import ENDINGS
from cards.reasons.refusals.exports import EXPORTS
from cards.reasons.refusals.extensions import EXTENSIONS
from cards.reasons.refusals.people import PEOPLE
from cards.reasons.refusals.policy_files import POLICY_FILES
from cards.reasons.refusals.records import RECORDS
from cards.reasons.refusals.requests import REQUESTS
from cards.reasons.refusals.rotations import ROTATIONS
from cards.reasons.refusals.secrets import SECRETS
from cards.reasons.refusals.services import SERVICES
from cards.reasons.refusals.sign_ins import SIGN_INS
from cards.reasons.refusals.starts import STARTS
from cards.reasons.rotation.failures import FAILURES
from cards.reasons.rotation.foreseen import FORESEEN
from cards.reasons.rotation.notes import NOTES
from cards.reasons.rotation.obstacles import OBSTACLES
from cards.reasons.rotation.remains import REMAINS
from domain.reasons import AS_WRITTEN, Reason, reason_in
from domain.refusals.refusal import Refusal
from domain.workflow import Event

TEXTS: Mapping[str, Text] = {
    **COMMANDS,
    **DECISIONS,
    **DRILLS,
    **ENDINGS,
    **EXPORTS,
    **EXTENSIONS,
    **PEOPLE,
    **POLICY_FILES,
    **RECORDS,
    **REQUESTS,
    **ROTATIONS,
    **SECRETS,
    **SERVICES,
    **SIGN_INS,
    **STARTS,
    **ACCESS_FAILURES,
    **FAILURES,
    **OBSTACLES,
    **NOTES,
    **FORESEEN,
    **REMAINS,
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
