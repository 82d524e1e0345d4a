"""How access ended: who ended it, what became of the role assignments, and what remains."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cards.access.parts.opened import could_be_read
from cards.access.parts.standing import describe_standing
from cards.kit import text
from cards.kit.elements import Named, Sentence
from cards.kit.message import (
    MOST_IN_A_SENTENCE,
    all_secrets_of,
    how_late,
    names_of,
    person,
    secrets_of,
)
from cards.kit.sentences import sentence, together
from cards.kit.times import at_minute_of, utc
from cards.languages.texts import listed, say, say_count
from domain.access.request import Request
from domain.access.transitions.opened import to_rotate
from domain.people import Actor, Person
from domain.phrases import mark
from domain.workflow import Event, Fact

CONTINUES = mark("Grant ended, access continues")


@dataclass(frozen=True, slots=True)
class StillReads:
    """How to say that the grantee can still read the secrets: for one kind of reader."""

    through_role: str
    until_then: str
    at_least: str
    not_known: str
    """That nobody could find out whether they can."""


YOU = StillReads(
    mark("You can still read {secrets}, because of {role}, which Latchkey didn't assign."),
    mark(
        "You can still read {secrets} until {until}, because another grant of yours lasts until "
        "then."
    ),
    mark(
        "You can still read {secrets} at least until {until}, because other grants of yours last "
        "until then or longer."
    ),
    mark("I couldn't find out whether you can still read {secrets} in another way."),
)
THEY = StillReads(
    mark("They can still read {secrets}, because of {role}, which Latchkey didn't assign."),
    mark("They can still read {secrets} until {until}, because another grant lasts until then."),
    mark(
        "They can still read {secrets} at least until {until}, because other grants last until "
        "then or longer."
    ),
    mark("I couldn't find out whether they can still read {secrets} in another way."),
)
COLLEAGUE = StillReads(
    mark("{who} can still read {secrets}, because of {role}, which Latchkey didn't assign."),
    mark("{who} can still read {secrets} until {until}, because another grant lasts until then."),
    mark(
        "{who} can still read {secrets} at least until {until}, because other grants last until "
        "then or longer."
    ),
    mark("I couldn't find out whether {who} can still read {secrets} in another way."),
)


def still_readable(request: Request, facts: Mapping[str, Fact], those: StillReads) -> Sentence:
    """Say what the grantee can still read through other access, or until when; empty if nothing."""
    who = text.name_of(request.holder)
    secrets = Named(names_of(str(facts.get("still_secrets", ""))) or say("it"))
    if scope := facts.get("still_scope"):
        role = Named(describe_standing(str(facts.get("still_role", "")), str(scope)))
        return sentence(those.through_role, who=who, secrets=secrets, role=role)
    try:
        until = Named(utc(datetime.fromisoformat(str(facts.get("still_until", "")))))
    except ValueError:
        return ()
    said = those.at_least if facts.get("still_longer") else those.until_then
    return sentence(said, who=who, secrets=secrets, until=until)


def not_known_if_readable(
    request: Request, facts: Mapping[str, Fact], those: StillReads
) -> Sentence:
    """Say that nobody could find out what the grantee can still read; empty if somebody could."""
    if not facts.get("still_unknown"):
        return ()
    who, secrets = text.name_of(request.holder), Named(all_secrets_of(request))
    return sentence(those.not_known, who=who, secrets=secrets)


def grant_ended(request: Request, reader: Actor | None = None) -> Sentence:
    """Say whose grant has ended, of someone who can still read the secrets.

    ``reader`` reads "you" if they ended it.
    """
    who, secrets = person(request.holder), secrets_of(request)
    return together(
        sentence("{who}'s grant for {secrets} has ended.", who=who, secrets=secrets),
        who_ended(request, reader),
    )


def access_ended(
    request: Request, event: Event, those: StillReads, reader: Actor | None = None
) -> Sentence:
    """Say whose access has ended, and how; ``reader`` reads "you" if they ended it.

    If there may be other access, it's only the grant that has ended.
    """
    who, secrets = person(request.holder), secrets_of(request)
    not_known = not_known_if_readable(request, event.facts, those)
    ended = together(
        sentence("{who}'s access to {secrets} has ended.", who=who, secrets=secrets),
        who_ended(request, reader),
    )
    return together(
        grant_ended(request, reader) if not_known else ended,
        how_it_ended(event),
        how_late(event),
        not_known,
    )


def who_ended(request: Request, reader: Actor | Person | None) -> Sentence:
    """Say who ended access early, perhaps the ``reader``; empty if no one did."""
    if request.ended_by is None:
        return ()
    if reader and reader.object_id == request.ended_by.object_id:
        return sentence("You ended it early.")
    return sentence("{who} ended it early.", who=person(request.ended_by))


def rotation_due(request: Request, event: Event) -> Sentence:
    """Say when secrets are to be rotated whose rotation waits; empty if none does."""
    waits = sorted({one.rotation_waits for one in to_rotate(request)} - {timedelta()})
    return together(*(_due_after(request, event, wait) for wait in waits))


def _due_after(request: Request, event: Event, wait: timedelta) -> Sentence:
    names = [text.id_of(one.secret) for one in to_rotate(request) if one.rotation_waits == wait]
    count = say_count("{count} secret", "{count} secrets", len(names))
    secrets = listed(names) if len(names) <= MOST_IN_A_SENTENCE else count
    return sentence(
        "The rotation of {secrets} is due {when}.",
        secrets=Named(secrets),
        when=at_minute_of(event.at + wait, event.at),
    )


def how_it_ended(event: Event) -> Sentence:
    """Say what actually happened to the role assignments when access was revoked."""
    return together(_how_assignments_ended(event), could_be_read(event))


def _how_assignments_ended(event: Event) -> Sentence:
    total, kept = event.facts.get("assignments"), event.facts.get("kept")
    if isinstance(total, int) and isinstance(kept, int):
        return _how_several_ended(event, total, kept)
    if event.facts.get("out_of_band"):
        return together(
            say("Someone else removed the role assignment in Azure before access was due to end.")
        )
    if event.facts.get("shared") and event.facts.get("found") is False:
        return together(
            say("The role assignment was already gone, although another grant still needs it.")
        )
    if event.facts.get("shared"):
        return together(
            say(
                "The role assignment stays for now, because another grant still uses it; it will "
                "be removed when that grant ends."
            )
        )
    if event.facts.get("unanswered"):
        return together(
            say(
                "The role assignment is gone, and Azure confirms it. An earlier attempt to delete "
                "it got no answer."
            ),
            _reads_after(event),
        )
    if _was_never_granted(event):
        return together(say("No role assignment had been made yet."))
    if not event.facts.get("found"):
        return together(
            say("The role assignment was already gone when Latchkey tried to delete it.")
        )
    return together(
        say("The role assignment is deleted, and Azure confirms it."),
        _reads_after(event),
    )


def _how_several_ended(event: Event, total: int, kept: int) -> Sentence:
    if _was_never_granted(event):
        return together(say("No role assignment had been made yet."))
    why = ""
    if event.facts.get("out_of_band"):
        why = say("Someone else removed part of it in Azure before access was due to end.")
    if not kept:
        return together(
            why,
            say(
                "None of its {total} role assignments is left, and Azure confirms it.", total=total
            ),
            _reads_after(event),
        )
    if kept == total:
        return together(
            why,
            say(
                "All of its {total} role assignments stay for now, because other grants still use "
                "them.",
                total=total,
            ),
        )
    return together(
        why,
        say("It had {total} role assignments.", total=total),
        say_count(
            "{count} of them stays for now, because another grant still uses it; the others are "
            "deleted, and Azure confirms it.",
            "{count} of them stay for now, because another grant still uses them; the others are "
            "deleted, and Azure confirms it.",
            kept,
        ),
    )


def _reads_after(event: Event) -> str:
    """Say that Azure may apply it late; empty if other access lets them read anyway."""
    if event.facts.get("still_until") or event.facts.get("still_scope"):
        return ""
    return say("Reads may still succeed for a few minutes.")


def _was_never_granted(event: Event) -> bool:
    return not event.facts.get("found") and event.facts.get("granted") is False
