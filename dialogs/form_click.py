"""Read a click on a form from an activity whose values can't be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass

from botbuilder.schema import Activity, ActivityTypes

from cards.access.request_form import INPUTS
from cards.kit import verbs

CARD_ACTION = "adaptiveCard/action"
"""The name of the invoke that an Action.Execute sends."""

_VERBS = frozenset({verbs.SUBMIT, verbs.CANCEL})


@dataclass(frozen=True, slots=True)
class FormClick:
    """The button and the form, and what was typed into each input; empty where nothing was."""

    form_id: str
    verb: str
    typed: Mapping[str, str]


def read_form_click(activity: Activity) -> FormClick | None:
    """Read a click on a request form; None for any other activity."""
    if activity.type != ActivityTypes.invoke or activity.name != CARD_ACTION:
        return None
    action = _mapping(_mapping(activity.value).get("action"))
    data = _mapping(action.get("data"))
    verb, form_id = _text(action.get("verb")), _text(data.get(verbs.FORM))
    if verb not in _VERBS or not form_id:
        return None
    return FormClick(
        form_id=form_id,
        verb=verb,
        typed={name: _text(data.get(name)) for name in INPUTS},
    )


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
