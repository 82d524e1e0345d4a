"""Wording that the rotation cards share: the secret, the trigger, versions, approvers."""

from cards.kit import text
from cards.kit.elements import Named, Sentence
from cards.kit.message import person
from cards.reasons.sentences import sentence_of
from domain.people import Principals
from domain.reasons import Reason
from domain.rotation.rotation import Cause, Rotation, Step

LONGEST_NOTE = 300
_SHORT_VERSION = 8


def rotated_secret(rotation: Rotation) -> Sentence:
    """Name a rotation's secret and its vault."""
    vault = Named(text.id_of(rotation.terms.vault_name))
    return Named(text.id_of(rotation.secret)), " in ", vault


def why_it_runs(rotation: Rotation) -> Sentence:
    """Say who or what started a rotation; follows the secret's name."""
    trigger = rotation.trigger
    match trigger.cause:
        case Cause.ASKED:
            who = person(trigger.actor) if trigger.actor else Named("an admin")
            return "requested by ", who
        case Cause.SCHEDULE:
            return ("on its schedule",)
        case Cause.EXPIRY:
            return ("because its current version expires soon",)
        case Cause.GRANT_ENDED:
            return ("because someone's access to it ended",)


def short_version(version: str | None) -> str:
    """Shorten a version's id (32 hexadecimal digits) so that people can compare it."""
    return text.line((version or "")[:_SHORT_VERSION]) or "not known"


def note_of(said: str | Reason | None) -> str:
    """Return a note from a step or from Azure, on one line."""
    said = sentence_of(said) if isinstance(said, Reason) else said or ""
    return text.line(said, LONGEST_NOTE)


def who_can_agree(rotation: Rotation) -> str:
    """Name who can approve a rotation: any admin except the one who asked."""
    asker = rotation.trigger.actor
    admins = Principals(rotation.terms.approvers, rotation.terms.admin_groups)
    others = admins.without({asker.object_id} if asker else ())
    return text.approvers_of(others) or "no one who could be found"


def changed_anything(rotation: Rotation) -> bool:
    """Return whether a rotation got past reading the current state."""
    return any(record.step is not Step.CAPTURE for record in rotation.records)
