"""A conversation with the request dialog, with its state as JSON between turns."""

import json
from typing import Any, cast

from botbuilder.core import BotAdapter, InvokeResponse, TurnContext
from botbuilder.schema import Activity, ChannelAccount, ConversationAccount, ResourceResponse

from bot.forms import ClickedForm, Forms
from bot.transport.turn import SdkTurn
from bot.turn import TurnKind
from cards.kit.elements import Content
from dialogs.request_dialog import RequestOptions
from dialogs.stored_form import document_of, state_in
from services.storage.documents import Documents
from tests.support.clock import NINE
from tests.support.tables.memory_table import MemoryTable

KEY = "msteams/conversations/a:dana/users/29:dana/"
"""Of the document; earlier versions look for it, too."""

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
        self.stored = json.dumps(document_of(None))
        self.sent: list[Activity] = []
        self.result: ClickedForm | None = None

    async def begin(self, options: RequestOptions, activity: Activity | None = None) -> None:
        documents = await self._documents()
        turn = self._turn(activity or message("request secret demo-api-key"))
        await Forms(documents, lambda: NINE).open(turn, options)
        await self._store(documents)

    async def receive(self, activity: Activity) -> None:
        """Take a turn; whatever is filled in is filed at once."""
        documents, turn = await self._documents(), self._turn(activity)
        self.result = None
        if turn.kind is TurnKind.CLICK:
            self.result = await Forms(documents, lambda: NINE).take_click(turn, turn.click)
        if self.result and self.result.draft:
            await self.result.close()
        await self._store(documents)

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
    def state(self) -> dict[str, Any]:
        """What is kept of the open form."""
        state = state_in(json.loads(self.stored))
        assert state is not None
        return state

    @property
    def is_open(self) -> bool:
        return state_in(json.loads(self.stored)) is not None

    def _turn(self, activity: Activity) -> SdkTurn:
        self.sent = []
        return a_turn(activity, self.sent)

    async def _documents(self) -> Documents:
        documents = Documents(MemoryTable())
        await documents.write(KEY, json.loads(self.stored), None)
        return documents

    async def _store(self, documents: Documents) -> None:
        found = await documents.read([KEY])
        self.stored = json.dumps(found[KEY].content)


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


def a_turn(activity: Activity, sent: list[Activity] | None = None) -> SdkTurn:
    """Return a turn that adds what it sends to a list."""
    return SdkTurn(TurnContext(_RecordingAdapter([] if sent is None else sent), activity))


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
