"""Why nothing is exported."""

from domain.refusals.refusal import Refusal


class NoFilesHere(Refusal):
    code = "no_files_here"


class OfferGone(Refusal):
    code = "offer_gone"


class NothingToExport(Refusal):
    code = "nothing_to_export"


class NoReadLog(Refusal):
    code = "no_read_log"


class ReadLogUnavailable(Refusal):
    code = "read_log_unavailable"

    def __init__(self, answer: str) -> None:
        """Take Azure's status and code; empty if it didn't answer."""
        super().__init__(answer=answer)


class NeverGranted(Refusal):
    code = "never_granted"


class FileNotTaken(Refusal):
    code = "file_not_taken"
