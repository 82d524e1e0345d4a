"""What a person reads when nothing is exported."""

from collections.abc import Mapping

from cards.languages.texts import say
from cards.reasons.filling import Filled, Text
from domain.phrases import mark


def _read_log_unavailable(refused: Filled) -> str:
    if refused.text("answer"):
        return refused.fill(
            mark(
                "I couldn't ask the vaults' log, so nothing was exported: Azure answered {answer}."
            )
        )
    return say("I couldn't ask the vaults' log just now, so nothing was exported.")


EXPORTS: Mapping[str, Text] = {
    "no_files_here": mark(
        "I can send files in personal chats only. Type the export in our own chat."
    ),
    "offer_gone": mark(
        "This file was offered to someone else, has already been taken, or is too old. "
        "Type the command again to get a new one."
    ),
    "nothing_to_export": mark(
        "There's nothing to export: no request and no rotation matches that."
    ),
    "no_read_log": mark(
        "There is no log of reads here: set LOG_ANALYTICS_WORKSPACE_ID, as docs/deploy.md says."
    ),
    "read_log_unavailable": _read_log_unavailable,
    "never_granted": mark("This request has never given any access, so nothing was read under it."),
    "file_not_taken": mark(
        "Your OneDrive didn't accept the file, so nothing was exported. "
        "Type the command again in a minute."
    ),
}
