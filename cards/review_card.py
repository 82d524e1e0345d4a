"""The message that asks an approver to look into access that was taken without approval."""

from microsoft_teams.cards import Action, ExecuteAction, TextInput

from cards import verbs
from cards.elements import Content, correlation
from cards.request_card import LONGEST_REASON
from cards.review_tellings import tell_review
from cards.secret_list import secret_list
from cards.told import draw
from domain.access import Request
from domain.workflow import Event


def review_card(request: Request, event: Event, *, buttons: bool) -> Content:
    """Draw what happened; ``buttons`` lets its reader say that they have looked into it."""
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
    telling = tell_review(request, event)
    return draw("Access without approval", telling, correlation(request.id), more, actions)
