"""Findings of a check of the deployment."""

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    GOOD = "good"
    DOUBTFUL = "doubtful"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check: its subject, what was seen, and how to fix it."""

    health: Health
    subject: str
    seen: str
    remedy: str = ""


def good(subject: str, seen: str) -> Finding:
    return Finding(Health.GOOD, subject, seen)


def doubtful(subject: str, seen: str, remedy: str) -> Finding:
    return Finding(Health.DOUBTFUL, subject, seen, remedy)


def broken(subject: str, seen: str, remedy: str) -> Finding:
    return Finding(Health.BROKEN, subject, seen, remedy)
