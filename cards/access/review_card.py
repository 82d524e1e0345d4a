"""The message that asks an approver to review break-glass access."""

from microsoft_teams.cards import Action, ExecuteAction, TextInput

from cards.access.request_card import LONGEST_REASON
from cards.access.review_messages import review_message
from cards.kit import verbs
from cards.kit.draw_message import draw_message
from cards.kit.elements import Content, correlation
from cards.kit.secret_list import secret_list
from domain.access.request import Request
from domain.workflow import Event


def review_card(request: Request, event: Event, *, buttons: bool) -> Content:
    """Draw the event; ``buttons`` lets the reader mark it as reviewed."""
    more = secret_list(request)
    actions: list[Action] = []
    if buttons and request.review is None:
        more.append(
            TextInput(
                id=verbs.NOTE,
                label="What you found",
                placeholder="Optional",
                is_multiline=True,
                max_length=LONGEST_REASON,
            )
        )
        data = {verbs.REQUEST: request.id}
        actions.append(ExecuteAction(title="Reviewed", verb=verbs.REVIEWED, data=data))
    message = review_message(request, event)
    return draw_message("Break-glass access", message, correlation(request.id), more, actions)
