"""The messages about a window that can be answered: the warning, and the wish for more time."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from microsoft_teams.cards import Action, CardElement, ExecuteAction, TextInput

from cards import text, verbs
from cards.elements import Content, correlation, fields, quote
from cards.more_time import allowed_so_far, wished
from cards.secret_list import secret_list
from cards.told import draw
from cards.window_tellings import tell_window
from domain.access import AccessEvent, Request, RequestState
from domain.durations import say_duration, write_duration
from domain.windows import is_open_wish, most_more
from domain.workflow import Event

_LONGEST_DURATION_TEXT = 40

Style = Literal["default", "positive", "destructive"]


def warning_card(request: Request, event: Event) -> Content:
    """Draw for the requester that access ends soon, with what they can do while it lasts."""
    telling, footer = tell_window(request, event), correlation(request.id)
    lasts = request.state is RequestState.ACTIVE and event.kind == AccessEvent.EXPIRES_SOON
    secrets = secret_list(request)
    if not lasts:
        return draw("Your access request", telling, footer, secrets)
    more, actions = _ways(request)
    return draw("Your access request", telling, footer, [*secrets, *more], actions)


def approver_card(request: Request, event: Event) -> Content:
    """Draw for an approver what they are reminded of, or asked; buttons while it is open."""
    more = secret_list(request)
    actions: list[Action] = []
    if request.extension and is_open_wish(request, event):
        more += fields(allowed_so_far(request))
        said = {verbs.SAID: request.extension.said}
        actions = [
            _button("Allow", verbs.EXTENSION_ALLOW, request, "positive", said),
            _button("Refuse", verbs.EXTENSION_REFUSE, request, "destructive", said),
        ]
    if text.lines(request.justification):
        more.append(quote("Why", request.justification))
    if event.kind == AccessEvent.REMINDED and request.state is RequestState.PENDING:
        actions = [_button("Approve", verbs.APPROVE, request, "positive")]
    telling = tell_window(request, event)
    return draw("Access request", telling, correlation(request.id), more, actions)


def window_summary(request: Request, event: Event) -> str:
    """Say an event in one line of plain text, for the notification."""
    return tell_window(request, event).summary()


def _ways(request: Request) -> tuple[list[CardElement], list[Action]]:
    done = _button("I'm done", verbs.DONE, request)
    most = most_more(request)
    if not most or request.extension:
        return fields(wished(request)), [done]
    usual = min(request.window, most)
    more = TextInput(
        id=verbs.DURATION,
        label=f"How much longer (at the most {say_duration(most)})",
        max_length=_LONGEST_DURATION_TEXT,
        value=write_duration(usual),
        spacing="Medium",
    )
    end = request.granted.expires_at
    data = {verbs.REQUEST: request.id, verbs.UNTIL: end.isoformat() if end else ""}
    extend = ExecuteAction(title="Extend", verb=verbs.EXTEND, data=data, style="positive")
    return [more], [extend, done]


def _button(
    title: str,
    verb: str,
    request: Request,
    style: Style = "default",
    data: Mapping[str, str] = MappingProxyType({}),
) -> ExecuteAction:
    return ExecuteAction(
        title=title,
        verb=verb,
        data={verbs.REQUEST: request.id, **data},
        associated_inputs="none",
        style=style,
    )
