"""The document that a form is kept in between turns, as botbuilder-dialogs would write it.

Versions that used it read what this one writes, and the other way round.
"""

from collections.abc import Mapping
from typing import Any

from dialogs.request_dialog import FormTerms

_DIALOG = "request"
"""The dialog's ID in the stack of dialogs, which never has another."""


def document_of(terms: FormTerms | None) -> dict[str, Any]:
    """Return the document of an open form; of a closed one for None."""
    instance = {"$type": "DialogInstance", "id": _DIALOG, "state": terms}
    stack = [] if terms is None else [instance]
    return {"dialogs": {"$type": "DialogState", "stack": stack}}


def state_in(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the state of the open form, whichever version wrote it; None if none is open.

    Whatever else a document says is data: no class is made that it names.
    """
    match document:
        case {"dialogs": {"stack": [{"id": str(dialog), "state": dict(state)}, *_]}}:
            return state if dialog == _DIALOG else None
    return None
