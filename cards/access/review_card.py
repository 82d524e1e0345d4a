"""The message that asks an approver to review break-glass access."""

from microsoft_teams.cards import Action, ExecuteAction, TextInput

from cards.access.messages.review_messages import question_message
from cards.kit import text, verbs
from cards.kit.draw_message import draw_message
from cards.kit.elements import Content, correlation, quote
from cards.kit.secret_list import secret_list
from cards.languages.texts import say
from domain.access.request import Request
from domain.typed import LONGEST_REASON
from domain.workflow import Event


def review_card(request: Request, event: Event, *, buttons: bool) -> Content:
    """Draw the event; ``buttons`` lets the reader mark it as reviewed."""
    more = secret_list(request)
    actions: list[Action] = []
    if buttons and request.review is None:
        more.append(
            TextInput(
                id=verbs.NOTE,
                label=say("What you found"),
                placeholder=say("Optional"),
                is_multiline=True,
                max_length=LONGEST_REASON,
            )
        )
        data = {verbs.REQUEST: request.id}
        actions.append(ExecuteAction(title=say("Reviewed"), verb=verbs.REVIEWED, data=data))
    if request.review and text.lines(request.review.note):
        more.append(quote(say("Review"), request.review.note))
    message = question_message(request, event)
    footer = correlation(request.id)
    return draw_message(say("Break-glass access"), message, footer, more, actions)


def review_summary(request: Request, event: Event) -> str:
    """Return the notification of the same, in one line of plain text."""
    return question_message(request, event).summary()
