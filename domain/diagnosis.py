"""Findings of a check of the deployment."""

from dataclasses import dataclass
from enum import StrEnum

from domain.phrases import Phrase


class CheckStatus(StrEnum):
    GOOD = "good"
    DOUBTFUL = "doubtful"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check: its subject, what was seen, and how to fix it.

    These are phrases, since whoever reads them may speak another language.
    """

    health: CheckStatus
    subject: Phrase
    seen: Phrase
    remedy: Phrase | None = None


def good(subject: Phrase, seen: Phrase) -> Finding:
    return Finding(CheckStatus.GOOD, subject, seen)


def doubtful(subject: Phrase, seen: Phrase, remedy: Phrase | None) -> Finding:
    return Finding(CheckStatus.DOUBTFUL, subject, seen, remedy)


def broken(subject: Phrase, seen: Phrase, remedy: Phrase | None) -> Finding:
    return Finding(CheckStatus.BROKEN, subject, seen, remedy)
