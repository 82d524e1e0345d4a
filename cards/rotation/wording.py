"""How cards speak of a rotation: its secret, why it runs, its versions, who has to agree."""

from cards.kit import text
from cards.kit.elements import Named, Sentence
from cards.kit.message import person
from domain.people import Person
from domain.rotation.rotation import Cause, Rotation, Step

LONGEST_NOTE = 300
_SHORT_VERSION = 8


def rotated_secret(rotation: Rotation) -> Sentence:
    """Name a rotation's secret and its vault."""
    vault = Named(text.id_of(rotation.terms.vault_name))
    return Named(text.id_of(rotation.secret)), " in ", vault


def why_it_runs(rotation: Rotation) -> Sentence:
    """Say who or what started a rotation, to follow the name of its secret."""
    trigger = rotation.trigger
    match trigger.cause:
        case Cause.ASKED:
            who = person(trigger.actor) if trigger.actor else Named("an admin")
            return "asked for by ", who
        case Cause.SCHEDULE:
            return ("on its schedule",)
        case Cause.EXPIRY:
            return ("because its current version is close to its expiry",)
        case Cause.GRANT_ENDED:
            return ("because somebody's access to it ended",)


def short_version(version: str | None) -> str:
    """Shorten a version's id (32 hexadecimal digits) to what people can compare."""
    return text.line((version or "")[:_SHORT_VERSION]) or "not known"


def note_of(said: str) -> str:
    """Return what a step or Azure said, on one line."""
    return text.line(said, LONGEST_NOTE)


def who_can_agree(rotation: Rotation) -> tuple[Person, ...]:
    """Return who can really agree to a rotation: another admin than the one who asked."""
    asker = rotation.trigger.actor
    asker_id = asker.object_id if asker else ""
    return tuple(each for each in rotation.terms.approvers if each.object_id != asker_id)


def changed_anything(rotation: Rotation) -> bool:
    """Say whether a rotation came further than to look at how things are."""
    return any(record.step is not Step.CAPTURE for record in rotation.records)
