"""What could be read although access wasn't granted."""

from datetime import datetime

from cards.kit.elements import Named, Sentence
from cards.kit.message import names_in
from cards.kit.sentences import sentence, together
from cards.kit.times import minute_of, utc
from domain.workflow import Event


def was_opened(event: Event) -> bool:
    """Return whether something could be read for a while, according to the event of the end."""
    return "opened_at" in event.facts


def could_be_read(event: Event) -> Sentence:
    """Say what could be read, and from when to when; empty if nothing could."""
    try:
        since = datetime.fromisoformat(str(event.facts.get("opened_at", "")))
    except ValueError:
        return ()
    removed, kept = names_in(event, "opened"), names_in(event, "opened_kept")
    return together(
        _removed(removed, since, event.at) if removed else (), _kept(kept, since) if kept else ()
    )


def _removed(secrets: str, since: datetime, until: datetime) -> Sentence:
    start, end = utc(since), minute_of(until, since)
    if start == utc(until):
        return sentence(
            "{secrets} could be read for a moment on {start}; that access has been removed.",
            secrets=Named(secrets),
            start=Named(start),
        )
    return sentence(
        "{secrets} could be read between {start} and {end}; that access has been removed.",
        secrets=Named(secrets),
        start=Named(start),
        end=Named(end),
    )


def _kept(secrets: str, since: datetime) -> Sentence:
    return sentence(
        "{secrets} could be read from {start} on; another grant still uses the role assignment.",
        secrets=Named(secrets),
        start=Named(utc(since)),
    )
