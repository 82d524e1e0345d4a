"""Whether the policy file that lies there is the one in force."""

from collections.abc import Callable, Iterator, Sequence

from domain.diagnosis import Finding, doubtful, good
from services.operations.checks.check import Check

_SUBJECT = "Policy file"
_MEND = "Mend its faults, which the audit channel and /readyz name."


def policy_file_checks(notes: Callable[[], Sequence[str]]) -> Iterator[Check]:
    """Look at what the watch of the file has to say; nothing where all is well."""

    async def look() -> Finding:
        if found := notes():
            return doubtful(_SUBJECT, found[0], _MEND)
        return good(_SUBJECT, "in force")

    yield Check(_SUBJECT, look, _MEND)
