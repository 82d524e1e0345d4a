"""Read a click on a form from a verb and data that can't be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass

from cards.access.forms.request_form import INPUTS
from cards.kit import verbs

_VERBS = frozenset({verbs.SUBMIT, verbs.CANCEL})


@dataclass(frozen=True, slots=True)
class FormClick:
    """The button and the form, and what was typed into each input; empty where nothing was."""

    form_id: str
    verb: str
    typed: Mapping[str, str]


def read_form_click(verb: str, data: Mapping[str, object]) -> FormClick | None:
    """Read a click on a request form; None for any other click."""
    form_id = _text(data.get(verbs.FORM))
    if verb not in _VERBS or not form_id:
        return None
    return FormClick(
        form_id=form_id,
        verb=verb,
        typed={name: _text(data.get(name)) for name in INPUTS},
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
