"""Findings of a check of the deployment."""

from domain.diagnosis import CheckStatus, Finding, broken, doubtful, good
from domain.phrases import phrase

SUBJECT, SEEN, REMEDY = phrase("The vault"), phrase("It answers."), phrase("Nothing to do.")


def test_a_finding_says_what_was_seen_and_how_to_mend_it() -> None:
    assert good(SUBJECT, SEEN) == Finding(CheckStatus.GOOD, SUBJECT, SEEN)
    assert doubtful(SUBJECT, SEEN, REMEDY) == Finding(CheckStatus.DOUBTFUL, SUBJECT, SEEN, REMEDY)
    assert broken(SUBJECT, SEEN, REMEDY) == Finding(CheckStatus.BROKEN, SUBJECT, SEEN, REMEDY)
