"""Findings of a check of the deployment."""

from dataclasses import dataclass
from enum import StrEnum


class CheckStatus(StrEnum):
    GOOD = "good"
    DOUBTFUL = "doubtful"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check: its subject, what was seen, and how to fix it."""

    health: CheckStatus
    subject: str
    seen: str
    remedy: str = ""


def good(subject: str, seen: str) -> Finding:
    return Finding(CheckStatus.GOOD, subject, seen)


def doubtful(subject: str, seen: str, remedy: str) -> Finding:
    return Finding(CheckStatus.DOUBTFUL, subject, seen, remedy)


def broken(subject: str, seen: str, remedy: str) -> Finding:
    return Finding(CheckStatus.BROKEN, subject, seen, remedy)
