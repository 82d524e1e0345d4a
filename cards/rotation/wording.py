"""Wording that the rotation cards share: the secret, the trigger, versions, steps, approvers."""

from cards.kit import text
from cards.kit.elements import Field, Named, Sentence, moment
from cards.kit.message import person, quoted
from cards.kit.sentences import sentence
from cards.languages.texts import say, say_count
from cards.reasons.sentences import sentence_of
from domain.people import Principals
from domain.phrases import mark
from domain.reasons import Reason
from domain.rotation.rotation import Cause, Rotation, Step

LONGEST_NOTE = 300
LATE_ON_TOP = "late_version_on_top"
"""The code of the reason to stop that a version of a rotation hides one by someone else."""

_STEPS = {
    Step.CAPTURE: mark("capture"),
    Step.ISSUE: mark("issue"),
    Step.WRITE: mark("write"),
    Step.PROPAGATE: mark("propagate"),
    Step.VERIFY: mark("verify"),
    Step.RETIRE: mark("retire"),
}


def rotated_secret(rotation: Rotation) -> Sentence:
    """Name a rotation's secret and its vault."""
    return secret_in(rotation.secret, rotation.terms.vault_name)


def secret_in(secret: str, vault: str) -> Sentence:
    """Name a secret and its vault."""
    return sentence(
        "{secret} in {vault}", secret=Named(text.id_of(secret)), vault=Named(text.id_of(vault))
    )


def why_it_runs(rotation: Rotation) -> Sentence:
    """Say who or what started a rotation; a phrase that is set apart by commas or brackets."""
    trigger = rotation.trigger
    match trigger.cause:
        case Cause.ASKED if trigger.actor:
            return sentence("requested by {who}", who=person(trigger.actor))
        case Cause.ASKED:
            return sentence("requested by an admin")
        case Cause.SCHEDULE:
            return sentence("on its schedule")
        case Cause.EXPIRY:
            return sentence("because its current version expires soon")
        case Cause.GRANT_ENDED:
            return sentence("because someone's access to it ended")


def expiry_fields(rotation: Rotation) -> list[Field]:
    """Draw when the old version expires, if that started the rotation and is on record."""
    at = rotation.trigger.expires_at
    return [moment(say("Old version expires"), at)] if at else []


def quoted_detail(rotation: Rotation) -> tuple[str, str] | None:
    """Quote what started a rotation; None if that's drawn in a field of its own."""
    is_drawn = bool(expiry_fields(rotation))
    return None if is_drawn else quoted(say("Details"), rotation.trigger.detail)


def step_name(step: str) -> str:
    """Name a step, as it is stored; one that this version doesn't know is shown as it is."""
    name = text.line(step)
    return say(_STEPS[Step(name)]) if name in _STEPS else name


def step_title(step: str) -> str:
    """Name a step at the start of a line."""
    name = step_name(step)
    return name[:1].upper() + name[1:]


def and_more(more: int) -> str:
    """Say how many more there are than are shown."""
    return say_count("… and {count} more.", "… and {count} more.", more)


def retry_line(rotation: Rotation) -> str:
    """Return what an admin types to resume a rotation that needs a human."""
    return say("retry {id}", id=text.line(rotation.id))


def abandon_line(rotation: Rotation) -> str:
    """Return what an admin types to give up a rotation that needs a human."""
    return say("abandon {id} because REASON", id=text.line(rotation.id))


def note_of(said: str | Reason | None) -> str:
    """Return a note from a step or from Azure, on one line."""
    said = sentence_of(said) if isinstance(said, Reason) else said or ""
    return text.line(said, LONGEST_NOTE)


def who_can_agree(rotation: Rotation) -> str:
    """Name who can approve a rotation: any admin except the one who asked."""
    asker = rotation.trigger.actor
    admins = Principals(rotation.terms.approvers, rotation.terms.admin_groups)
    others = admins.without({asker.object_id} if asker else ())
    return text.approvers_of(others) or say("no one who could be found")


def changed_anything(rotation: Rotation) -> bool:
    """Return whether a rotation got past reading the current state."""
    return any(record.step is not Step.CAPTURE for record in rotation.records)
