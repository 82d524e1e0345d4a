"""Refusals as a person reads them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cards.reasons.sentences import sentence_of
from domain.access.request import Request
from domain.access.rules.policy import Decision
from domain.reasons import Reason
from domain.refusals.refusal import Refusal


@contextmanager
def refusing(kind: type[Refusal], *, saying: str) -> Iterator[pytest.ExceptionInfo[Refusal]]:
    """Expect a refusal of this kind, whose sentence has these words in it."""
    with pytest.raises(kind) as caught:
        yield caught

    assert saying in sentence_of(caught.value)


def failure_of(request: Request) -> str:
    """Return why nothing was granted, as a person reads it; empty if nothing failed."""
    return sentence_of(request.failure) if request.failure else ""


def words_of(reason: Reason | None) -> str:
    """Return a reason as a person reads it; empty if there is none."""
    return sentence_of(reason) if reason else ""


def reason_of(decision: Decision) -> Reason | None:
    """Return why something isn't allowed; None if it is."""
    return decision.reason.reason if decision.reason else None
