"""Messages with buttons about ending access: the expiry warning and the extension request."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from microsoft_teams.cards import (
    Action,
    AdaptiveCard,
    CardElement,
    ExecuteAction,
    ShowCardAction,
    TextInput,
)

from cards.access.messages.approver_messages import decide_again_message
from cards.access.messages.decided_messages import closed_question, decided_message
from cards.access.messages.granted_messages import warning_message
from cards.access.messages.on_behalf_messages import FOR_YOU
from cards.access.messages.window_messages import window_message
from cards.access.parts.extension import allowed_so_far, extension_fields
from cards.access.parts.left_out import left_out_fields
from cards.access.parts.rule_approval import approved_by_rule
from cards.kit import text, verbs
from cards.kit.draw_message import draw_message
from cards.kit.elements import Content, correlation, fields, quote
from cards.kit.message import EventMessage
from cards.kit.secret_list import secret_list
from cards.kit.times import duration
from cards.languages.texts import say
from domain.access.answers import has_approved
from domain.access.request import AccessEvent, Request, RequestState
from domain.access.transitions.extensions import asks_for_more_again, is_open_extension, most_more
from domain.durations import write_duration
from domain.workflow import Event

_LONGEST_DURATION_TEXT = 40
_ABOUT_A_DECISION = frozenset({AccessEvent.REMINDED, AccessEvent.APPROVERS_CHANGED})

Style = Literal["default", "positive", "destructive"]


def warning_card(request: Request, event: Event, *, for_holder: bool = False) -> Content:
    """Warn the requester that access ends soon, and show what they can do until then.

    ``for_holder``: the reader is the grantee, and someone else asked for them.
    """
    message, footer = _warning(request, event, for_holder=for_holder), correlation(request.id)
    lasts = request.state is RequestState.ACTIVE and event.kind == AccessEvent.EXPIRES_SOON
    secrets = [*secret_list(request), *approved_by_rule(request)]
    kind = say(FOR_YOU) if for_holder else say("Your access request")
    if not lasts:
        return draw_message(kind, message, footer, secrets)
    more, actions = _ways(request)
    return draw_message(kind, message, footer, [*secrets, *more], actions)


def approver_card(request: Request, event: Event, reader: str = "") -> Content:
    """Draw a reminder, or a question that is asked again or about more time, for an approver.

    It has buttons while it is open. ``reader`` is the object ID of the only reader: someone who
    approved a request isn't asked for that again.
    """
    more = [*secret_list(request), *approved_by_rule(request)]
    actions: list[Action] = []
    if request.extension and is_open_extension(request, event):
        more += fields(allowed_so_far(request))
        source = {verbs.SOURCE_ID: request.extension.source_id}
        # Both also for someone who allowed it: a second click mustn't hit another button.
        actions = [
            _button(say("Allow"), verbs.EXTENSION_ALLOW, request, "positive", source),
            _button(say("Refuse"), verbs.EXTENSION_REFUSE, request, "destructive", source),
        ]
    if text.lines(request.justification):
        more.append(quote(say("Why"), request.justification))
    if _is_about_a_decision(event):
        more += fields(left_out_fields(request))
    is_pending = request.state is RequestState.PENDING
    if _is_about_a_decision(event) and is_pending and not has_approved(request, reader):
        actions = [_button(say("Approve"), verbs.APPROVE, request, "positive")]
    message = _question(request, event)
    return draw_message(say("Access request"), message, correlation(request.id), more, actions)


def warning_summary(request: Request, event: Event, *, for_holder: bool = False) -> str:
    """Return the notification of the same, in one line of plain text."""
    return _warning(request, event, for_holder=for_holder).summary()


def window_summary(request: Request, event: Event) -> str:
    """Return an approver's notification, in one line of plain text."""
    return _question(request, event).summary()


def _warning(request: Request, event: Event, *, for_holder: bool) -> EventMessage:
    """Write the message for an event; a warning says what has become of the end since."""
    if event.kind != AccessEvent.EXPIRES_SOON:
        return window_message(request, event)
    return warning_message(request, event, request.holder if for_holder else request.requester)


def _question(request: Request, event: Event) -> EventMessage:
    """Write what an approver is asked or reminded of; once it's decided, say so."""
    if _is_about_a_decision(event) and request.state is not RequestState.PENDING:
        return decided_message(request)
    if _is_about_more(event) and not is_open_extension(request, event):
        return closed_question(request, event)
    if event.kind == AccessEvent.APPROVERS_CHANGED:
        return decide_again_message(request, event)
    return window_message(request, event)


def _is_about_a_decision(event: Event) -> bool:
    """Return whether a question is about a request that waits, and not about more time."""
    return event.kind in _ABOUT_A_DECISION and not _is_about_more(event)


def _is_about_more(event: Event) -> bool:
    return event.kind == AccessEvent.EXTENSION_ASKED or asks_for_more_again(event)


def extension_form(request: Request) -> list[Action]:
    """Draw the button that opens the form for more time; none if there can't be more."""
    found = _extension(request)
    if found is None:
        return []
    more, extend = found
    return [
        ShowCardAction(
            title=say("Extend…"), card=AdaptiveCard(version="1.5", body=[more], actions=[extend])
        )
    ]


def _ways(request: Request) -> tuple[list[CardElement], list[Action]]:
    done = _button(say("I'm done"), verbs.DONE, request)
    found = _extension(request)
    if found is None:
        return fields(extension_fields(request)), [done]
    more, extend = found
    return [more], [extend, done]


def _extension(request: Request) -> tuple[TextInput, ExecuteAction] | None:
    most = most_more(request)
    if not most or request.extension:
        return None
    usual = min(request.window, most)
    more = TextInput(
        id=verbs.DURATION,
        label=say("How much longer (at most {most})", most=duration(most)),
        max_length=_LONGEST_DURATION_TEXT,
        value=write_duration(usual),
        spacing="Medium",
    )
    end = request.granted.expires_at
    data = {verbs.REQUEST: request.id, verbs.UNTIL: end.isoformat() if end else ""}
    extend = ExecuteAction(title=say("Extend"), verb=verbs.EXTEND, data=data, style="positive")
    return more, extend


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
