"""A conversation with the request dialog, with its state as JSON between turns."""

import json
from typing import Any, cast

from botbuilder.core import BotAdapter, InvokeResponse, TurnContext
from botbuilder.dialogs import (
    DialogContext,
    DialogInstance,
    DialogSet,
    DialogState,
    DialogTurnResult,
)
from botbuilder.schema import Activity, ChannelAccount, ConversationAccount, ResourceResponse

from cards.kit.elements import Content
from dialogs.request_dialog import RequestDialog, RequestOptions
from tests.support.clock import NINE

OPTIONS: RequestOptions = {
    "form_id": "form-1",
    "secrets": ["demo-api-key"],
    "vaults": ["kv-demo"],
    "approvers": ["Ada Approver", "Bo Backup"],
    "groups": [],
    "shortest_seconds": 300.0,
    "longest_seconds": 14_400.0,
    "rules": [{"required": True, "ticket": "", "hint": ""}],
    "for_whom": "",
    "for_name": "",
    "time_zone": "Europe/Berlin",
    "asked_in": "",
    "start_within_seconds": 604_800.0,
    "emergency": False,
}


class Conversation:
    """Runs turns; ``result`` and ``sent`` hold the outcome of the last one."""

    def __init__(self) -> None:
        self.stored = "[]"
        self.sent: list[Activity] = []
        self.result: DialogTurnResult | None = None

    async def begin(self, options: RequestOptions, activity: Activity | None = None) -> None:
        context = self._context(activity or message("request secret demo-api-key"))
        self.result = await context.begin_dialog(RequestDialog.ID, options)
        self._store(context)

    async def receive(self, activity: Activity) -> None:
        context = self._context(activity)
        self.result = await context.continue_dialog()
        self._store(context)

    def card(self) -> Content:
        """Return the only card of the turn, however it was shown."""
        (activity,) = self.sent
        if activity.type == "invokeResponse":
            return cast("Content", self.answer()["value"])
        (attachment,) = activity.attachments
        assert attachment.content_type == "application/vnd.microsoft.card.adaptive"
        return cast("Content", attachment.content)

    def answer(self) -> dict[str, Any]:
        """Return the body of the turn's answer to a click."""
        (activity,) = self.sent
        response = activity.value
        assert isinstance(response, InvokeResponse)
        assert (activity.type, response.status) == ("invokeResponse", 200)
        return cast("dict[str, Any]", response.body)

    @property
    def is_open(self) -> bool:
        return bool(json.loads(self.stored))

    def _context(self, activity: Activity) -> DialogContext:
        self.sent = []
        dialogs = DialogSet(_NoAccessor())
        dialogs.add(RequestDialog(lambda: NINE))
        stack = [DialogInstance(name, state) for name, state in json.loads(self.stored)]
        turn = TurnContext(_RecordingAdapter(self.sent), activity)
        return DialogContext(dialogs, turn, DialogState(stack))

    def _store(self, context: DialogContext) -> None:
        self.stored = json.dumps([[each.id, each.state] for each in context.stack])


class _NoAccessor:
    """Replaces the state of a DialogSet: the stack is passed to the context instead."""


class _RecordingAdapter(BotAdapter):
    def __init__(self, sent: list[Activity]) -> None:
        super().__init__()
        self._sent = sent

    async def send_activities(
        self, context: TurnContext, activities: list[Activity]
    ) -> list[ResourceResponse]:
        self._sent.extend(activities)
        return [ResourceResponse(id=str(number)) for number, _ in enumerate(activities)]

    async def update_activity(self, context: TurnContext, activity: Activity) -> None:
        raise AssertionError("a dialog updates no message")

    async def delete_activity(self, context: TurnContext, reference: object) -> None:
        raise AssertionError("a dialog deletes no message")


def message(text: str) -> Activity:
    return _from_dana(Activity(type="message", text=text))


def click(verb: object, **data: object) -> Activity:
    return execute({"action": {"type": "Action.Execute", "verb": verb, "data": data}})


def submit(**typed: object) -> Activity:
    return click("request.submit", form="form-1", **typed)


def execute(value: object) -> Activity:
    return _from_dana(Activity(type="invoke", name="adaptiveCard/action", value=value))


def _from_dana(activity: Activity) -> Activity:
    activity.id = "1"
    activity.channel_id = "msteams"
    activity.service_url = "https://smba.trafficmanager.net/emea/"
    activity.from_property = ChannelAccount(id="29:dana", name="Dana Developer")
    activity.recipient = ChannelAccount(id="28:latchkey", name="Latchkey")
    activity.conversation = ConversationAccount(id="a:dana")
    return activity
