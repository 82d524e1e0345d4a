"""The hash chain over a workflow's events, and its verification.

Each event carries a hash over its predecessor's hash, the workflow's ID, its own number and its
exact stored text. The head carries the last hash and the number of events. ADR 11 says what this
proves. Names stand beside the text, so that they can be erased: the text commits to them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256

from domain.audit import kept_names
from domain.phrases import Phrase, counted, phrase

_FINGERPRINT = 20  # 80 bits: too many to find another chain with the same ending


class ChainFlaw(StrEnum):
    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"
    HEAD = "head"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as stored in the table; ``hash`` is empty if it's older than the chain."""

    number: int
    text: str
    hash: str
    names: str = ""
    """The names beside the text, as JSON; empty if an older version wrote them into the text."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a verification: no flaw, or the first event where the chain is broken.

    ``unchained`` counts the first events that are older than the chain, and ``erased`` the names
    that were erased.
    """

    events: int
    hash: str
    flaw: ChainFlaw | None = None
    number: int = 0
    unchained: int = 0
    erased: int = 0

    @property
    def is_unbroken(self) -> bool:
        """Whether every event is chained to its predecessor, as far as the chain reaches."""
        return self.flaw is None and self.unchained < max(self.events, 1)

    @property
    def sentence(self) -> Phrase:
        """The verdict in words; numbers are without separators, as exports had them."""
        if not self.erased:
            return self._sentence
        return counted(
            "{verdict}; {erased} name was erased",
            "{verdict}; {erased} names were erased",
            self.erased,
            verdict=self._sentence,
            erased=str(self.erased),
        )

    @property
    def _sentence(self) -> Phrase:
        number, events, unchained = str(self.number), str(self.events), str(self.unchained)
        match self.flaw:
            case ChainFlaw.CHANGED:
                return phrase("broken: event {number} or an earlier one was changed", number=number)
            case ChainFlaw.REMOVED:
                return phrase("broken: event {number} was removed", number=number)
            case ChainFlaw.ADDED:
                return phrase("broken: event {number} was added", number=number)
            case ChainFlaw.HEAD:
                return phrase("broken: the head doesn't match the last event's hash")
            case ChainFlaw.NAME:
                return phrase("broken: a name in event {number} was changed", number=number)
        if self.unchained == self.events:
            return counted(
                "not chained: {events} event, older than the chain",
                "not chained: {events} events, older than the chain",
                self.events,
                events=events,
            )
        if self.unchained:
            return counted(
                "unbroken: {events} event, the first {unchained} older than the chain",
                "unbroken: {events} events, the first {unchained} older than the chain",
                self.events,
                events=events,
                unchained=unchained,
            )
        return counted(
            "unbroken: {events} event", "unbroken: {events} events", self.events, events=events
        )


def root(workflow_id: str) -> str:
    """Return the hash that a workflow's first event is chained to."""
    return sha256(workflow_id.encode()).hexdigest()


def link(previous: str, workflow_id: str, number: int, text: str) -> str:
    """Return the hash of an event; no part before the text can contain a line break."""
    return sha256(f"{previous}\n{workflow_id}\n{number}\n{text}".encode()).hexdigest()


def fingerprint(last_hash: str) -> str:
    """Shorten a hash for people to compare: ``3fa9-0c12-…``; empty if there is none."""
    short = last_hash[:_FINGERPRINT]
    return "-".join(short[at : at + 4] for at in range(0, len(short), 4))


def verify(
    workflow_id: str, events: Sequence[StoredEvent], head_events: int, head_hash: str
) -> Verdict:
    """Recompute and verify a workflow's chain; ``events`` are sorted by number."""
    previous, unchained = root(workflow_id), 0

    def broken(flaw: ChainFlaw, number: int) -> Verdict:
        return Verdict(len(events), head_hash, flaw, number, unchained)

    for expected, event in enumerate(events, start=1):
        if event.number > expected:
            return broken(ChainFlaw.REMOVED, expected)
        if event.number < expected or expected > head_events:
            return broken(ChainFlaw.ADDED, expected)
        if not event.hash and unchained == expected - 1:
            unchained += 1
            continue
        previous = link(previous, workflow_id, expected, event.text)
        if event.hash != previous:
            return broken(ChainFlaw.CHANGED, expected)
    if len(events) < head_events:
        return broken(ChainFlaw.REMOVED, len(events) + 1)
    chained = unchained < len(events)
    if head_hash != (previous if chained else ""):
        return broken(ChainFlaw.HEAD, len(events))
    return _with_names(events, Verdict(len(events), head_hash, unchained=unchained))


def _with_names(events: Sequence[StoredEvent], verdict: Verdict) -> Verdict:
    """Verify the names beside a chain without a flaw, and count those that were erased."""
    erased = 0
    for event in events:
        names = _genuine_names(event)
        if names is None:
            return replace(verdict, flaw=ChainFlaw.NAME, number=event.number)
        erased += kept_names.number_erased(names)
    return replace(verdict, erased=erased)


def _genuine_names(event: StoredEvent) -> kept_names.KeptNames | None:
    """Return the names beside an event; None if one isn't what the text commits to."""
    try:
        names = kept_names.read(event.names) if event.names else {}
    except ValueError:
        return None
    return names if kept_names.are_genuine(event.text, names) else None
