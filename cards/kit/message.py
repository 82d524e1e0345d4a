"""The message for one event, before it is drawn as a card or a one-line summary."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from cards.kit import text
from cards.kit.elements import Field, Named, Sentence
from cards.kit.sentences import joined, plain_text, sentence
from cards.kit.times import age
from cards.kit.tone import Tone
from cards.languages.texts import listed, say, say_count
from domain.access.request import Request
from domain.access.terms import Terms
from domain.people import Actor, Person
from domain.workflow import Event

_LONGEST_SUMMARY = 250
_BETWEEN_NAMES = re.compile(r", | and ")

MOST_IN_A_SENTENCE = 3
"""The most secrets that a sentence names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMessage:
    """A title (our own text only), a sentence that may name people, and its details."""

    title: str
    tone: Tone
    sentence: Sentence
    fields: tuple[Field, ...] = ()
    quoted: tuple[str, str] | None = None
    """A label, and text from a person or from Azure."""

    def summary(self) -> str:
        """Return it in one line of plain text, for a notification."""
        said = plain_text(self.sentence)
        return text.plain(say("{title}: {said}", title=self.title, said=said), _LONGEST_SUMMARY)


def fact(event: Event, name: str) -> str:
    """Return a fact as text; empty if the event has none."""
    value = event.facts.get(name)
    return "" if value is None else str(value)


def moment_in(event: Event, name: str) -> datetime | None:
    """Return a fact as a time; None if the event has none."""
    try:
        return datetime.fromisoformat(fact(event, name))
    except ValueError:
        return None


def names_in(event: Event, name: str) -> str:
    """List the names of secrets or tables in a fact, where they are listed in English."""
    return names_of(fact(event, name))


def names_of(said: str) -> str:
    """List names that a fact lists in English."""
    return listed(_each_name(said))


def _each_name(said: str) -> list[str]:
    return [one for one in _BETWEEN_NAMES.split(text.line(said)) if one]


def how_late(event: Event) -> str:
    """Say how late a stuck end came; empty if it was on time."""
    seconds = event.facts.get("stuck_for")
    if not isinstance(seconds, int | float):
        return ""
    return say("It was stuck, and came {late} late.", late=age(timedelta(seconds=seconds)))


def quoted(label: str, said: str) -> tuple[str, str] | None:
    """Return a text with its label, or None if no visible text is left."""
    return (label, said) if text.lines(said) else None


def person(who: Person | Actor) -> Named:
    return Named(text.name_of(who))


def actor_of(event: Event) -> Named:
    """Name who acted; Latchkey if no person did."""
    return person(event.actor) if event.actor else Named("Latchkey")


def secrets_of(request: Request) -> Sentence:
    """Name a request's secrets and vaults, or just how many secrets if there are too many.

    The card then also shows the list: ``cards.kit.secret_list``.
    """
    by_vault = secrets_by_vault(request)
    if len(request.targets) > MOST_IN_A_SENTENCE:
        count = len(request.targets)
        secrets = Named(say_count("{count} secret", "{count} secrets", count))
        vaults = joined([(Named(vault),) for vault in by_vault])
        return sentence("{secrets} in {vault}", secrets=secrets, vault=vaults)
    return joined(
        [
            sentence(
                "{secrets} in {vault}",
                secrets=joined([(Named(secret),) for secret in secrets]),
                vault=Named(vault),
            )
            for vault, secrets in by_vault.items()
        ]
    )


def all_secrets_of(request: Request) -> str:
    """Name all of a request's secrets."""
    return listed([text.id_of(secret) for secret in request.secrets])


def secrets_by_vault(request: Request) -> dict[str, list[str]]:
    """Return a request's secret names by vault name, cleaned for display."""
    by_vault: dict[str, list[str]] = {}
    for target in request.targets:
        by_vault.setdefault(text.id_of(target.vault), []).append(text.id_of(target.secret))
    return by_vault


def approvers_then(request: Request, event: Event, now: Terms) -> str:
    """Name who could decide when this happened.

    Older versions left that out: it's who can ``now``, if they haven't changed since.
    """
    if "approvers" not in event.facts:
        is_same = request.approvers_since is None or request.approvers_since <= event.at
        return others_of(request, now) if is_same else say("not known")
    people, groups = (
        [text.line(one, text.LONGEST_NAME) for one in _each_name(fact(event, name))]
        for name in ("approvers", "approver_groups")
    )
    return listed([*people, *(say("members of {group}", group=group) for group in groups)])


def others_of(request: Request, terms: Terms | None = None) -> str:
    """Name who can decide by its terms, or these: all but the people the request is about."""
    return text.approvers_of((terms or request.terms).named.without(request.involved))
