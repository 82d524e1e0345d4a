"""The form for an extension: for how much longer access is needed."""

from microsoft_teams.cards import Action, CardElement, ExecuteAction, TextInput

from cards.kit import text, verbs
from cards.kit.elements import Content, Named, card, correlation, header, rich_text
from cards.kit.form_error import form_error
from cards.kit.message import secrets_of
from cards.kit.sentences import sentence
from cards.kit.times import duration, utc
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.access.request import Request
from domain.access.transitions.extensions import most_more
from domain.durations import write_duration

_LONGEST_DURATION_TEXT = 40


def extend_card(request: Request, typed: str, error: str) -> Content:
    """Draw the form, with what was typed and what is wrong with it; both can be empty."""
    ends = request.granted.expires_at
    body: list[CardElement] = [
        header(say("Your access request"), say("For how much longer?"), Tone.INFO),
        *form_error(error),
        *(
            [
                rich_text(
                    sentence(
                        "Access to {secrets} ends on {end}.",
                        secrets=secrets_of(request),
                        end=Named(utc(ends)),
                    )
                )
            ]
            if ends
            else []
        ),
        _how_much(request, typed),
        correlation(request.id),
    ]
    return card(body, _buttons(request))


def _how_much(request: Request, typed: str) -> TextInput:
    most = most_more(request)
    return TextInput(
        id=verbs.DURATION,
        label=say("How much longer (at most {most})", most=duration(most)),
        placeholder="45m, 2h, 1h30m",
        is_required=True,
        error_message=say("Enter a duration, like 45m, 2h or 1h30m."),
        max_length=_LONGEST_DURATION_TEXT,
        value=text.typed(typed, _LONGEST_DURATION_TEXT)
        or write_duration(min(request.window, most)),
        spacing="Medium",
    )


def _buttons(request: Request) -> list[Action]:
    ends = request.granted.expires_at
    data = {verbs.REQUEST: request.id, verbs.UNTIL: ends.isoformat() if ends else ""}
    return [
        ExecuteAction(title=say("Extend"), verb=verbs.EXTENSION_ASK, data=data, style="positive"),
        ExecuteAction(
            title=say("Cancel"),
            verb=verbs.EXTENSION_CANCEL,
            data=data,
            associated_inputs="none",
        ),
    ]
