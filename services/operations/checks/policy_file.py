"""Checks that the policy file on disk is the one in force."""

from collections.abc import Callable, Iterator, Sequence

from domain.diagnosis import Finding, doubtful, good
from domain.phrases import Phrase, phrase
from services.operations.checks.check import Check

_SUBJECT = phrase("Policy file")
_REMEDY = phrase(
    "See the audit channel and {page}: fix its errors, or let an admin accept it.", page="/readyz"
)


def policy_file_checks(notes: Callable[[], Sequence[Phrase]]) -> Iterator[Check]:
    """Report the notes of the policy file's watcher, if there are any."""

    async def look() -> Finding:
        if found := notes():
            return doubtful(_SUBJECT, found[0], _REMEDY)
        return good(_SUBJECT, phrase("in force"))

    yield Check(_SUBJECT, look, _REMEDY)
