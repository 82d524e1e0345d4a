"""Whatever is posted, the bot answers or refuses it without any internal error."""

import logging
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cards.access.forms.request_form import JUSTIFICATION
from cards.kit import verbs
from sandbox.seed import APP_API_KEY, DEMO_API_KEY
from tests.outside.scenarios import asked, correlation_id
from tests.support.deployment import AVERY, DANA, MORGAN
from tests.support.latchkey import Latchkey
from tests.support.reading import buttons
from tests.support.teams import (
    Json,
    Person,
    Place,
    a_file_consent,
    a_message,
    an_edit,
    an_execute,
    an_installation,
)

pytestmark = pytest.mark.in_memory

# One fixed series of examples, with one bot for all of them: each starts from the last one's state.
series = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def nested(levels: int) -> Any:
    """Return nested lists."""
    value: Any = "bottom"
    for _ in range(levels):
        value = [value]
    return value


FORM, REQUEST = "the open form", "the request that waits"
"""In generated data these stand for IDs that a forger could have seen."""

CHAT = Place("a chat of its own", "personal")
"""Stands for a new chat each time: a single one would be slowed down by Teams' rate limits."""

TEXTS = st.text(max_size=30) | st.sampled_from(
    [
        *("\0", "\u202e\u200b", "\ud800", "../../head", "x?api-version=1", "9" * 400),
        *("", " ", ".", "..", "/", "a/b", "%2e%2e", "{0}", "%s", "\n", "@", "@\0", "29:x"),
        *("req-aaaaaaaaaa", "rot-aaaaaaaaaa", "orp-aaaaaaaaaa", "2h", "99999999999d", "last 1e9d"),
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(
    SCALARS | st.integers(1, 60).map(nested),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
WHO = st.sampled_from([DANA, AVERY, MORGAN])
COMMANDS = st.sampled_from(
    [
        *("", "help", "secrets", "my access", "approvals", "rotations", "stuck", "doctor"),
        *(
            "status",
            "cancel",
            "revoke",
            "retry",
            "abandon",
            "extend",
            "verify",
            "report",
            "history",
        ),
        *("rotate", "plan", "export", "export json", "request secret", "break glass", "history @"),
        *(f"request {DEMO_API_KEY} for", f"request secret {DEMO_API_KEY} for 1h because"),
        *(f"break glass {DEMO_API_KEY} because", f"rotate {APP_API_KEY}", "history last"),
        *(f"extend {REQUEST}", f"status {REQUEST}", f"cancel {REQUEST}", f"history {REQUEST}"),
    ]
)
_WORDS = {value for name, value in vars(verbs).items() if name.isupper() and isinstance(value, str)}
VERBS = st.sampled_from(sorted(verbs.VERBS)) | TEXTS
KEYS = st.sampled_from(sorted(_WORDS - verbs.VERBS)) | TEXTS
DATA = st.dictionaries(KEYS, st.sampled_from([FORM, REQUEST]) | VALUES, max_size=4)
CHANGE = st.dictionaries(KEYS, TEXTS | VALUES, min_size=1, max_size=4)
GENUINE = st.sampled_from(
    [
        a_message("help", DANA, CHAT),
        an_edit(a_message("help", DANA, CHAT), "secrets"),
        an_installation(DANA, CHAT),
        an_execute(verbs.APPROVE, {verbs.REQUEST: REQUEST}, AVERY),
        an_execute(verbs.SUBMIT, {verbs.FORM: FORM, JUSTIFICATION: "why"}, DANA),
        a_file_consent(
            "accept", {"content": {"acceptContext": {}}, "name": "x"}, AVERY, "https://x"
        ),
    ]
)
MEMBERS = st.sampled_from(
    [
        *("id", "timestamp", "localTimestamp", "expiration", "recipient", "textFormat", "text"),
        *("membersAdded", "reactionsAdded", "topicName", "locale", "summary", "suggestedActions"),
        *("attachments", "entities", "channelData", "action", "replyToId", "label", "valueType"),
        *("value", "name", "relatesTo", "code", "importance", "deliveryMode", "listenFor", "type"),
        *("textHighlights", "semanticAction", "callerId", "localTimezone", "from", "surprise"),
        *("conversation", "channelId", "serviceUrl"),
    ]
)


class Fuzzed:
    """A bot with pending work, and its internal errors."""

    def __init__(self, bot: Latchkey, ids: dict[str, str], log: pytest.LogCaptureFixture) -> None:
        self._bot = bot
        self._ids = ids
        self._log = log
        self._chats = count(1)

    async def post(self, activity: Json) -> int:
        """Post an activity; check that nothing failed inside and return the status.

        A handler's exception only shows in the log: people get a polite answer with status 200.
        """
        ids = self._ids | {CHAT.id: f"a:{next(self._chats)}"}
        status, body = await self._bot.teams.deliver(_replaced(activity, ids))
        failed = [record for record in self._log.records if record.levelno >= logging.ERROR]
        self._log.clear()
        assert [record.exc_info or record.getMessage() for record in failed] == []
        assert status != 500
        assert "Traceback" not in str(body)
        return status


def _replaced(value: Any, ids: dict[str, str]) -> Any:
    """Replace the placeholders with IDs."""
    if isinstance(value, dict):
        return {key: _replaced(item, ids) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, ids) for item in value]
    if isinstance(value, str):
        for meant, one in ids.items():
            value = value.replace(meant, one)
    return value


@pytest.fixture
async def fuzzed(bot: Latchkey, caplog: pytest.LogCaptureFixture) -> Fuzzed:
    form = await bot.say(DANA, f"request secret {APP_API_KEY}")
    form_id = buttons(form.card)["Send for approval"]["data"][verbs.FORM]
    request_id = correlation_id(await asked(bot))
    return Fuzzed(bot, {FORM: form_id, REQUEST: request_id}, caplog)


@series
@given(WHO, COMMANDS, TEXTS)
async def test_any_text_after_a_command_is_answered(
    fuzzed: Fuzzed, who: Person, command: str, rest: str
) -> None:
    assert await fuzzed.post(a_message(f"{command} {rest}", who, CHAT)) == 200


@series
@given(WHO, VERBS, DATA)
async def test_any_button_data_is_answered(
    fuzzed: Fuzzed, who: Person, verb: str, data: Json
) -> None:
    assert await fuzzed.post(an_execute(verb, data, who)) in {200, 400}


@series
@given(GENUINE, st.dictionaries(MEMBERS, VALUES, max_size=3))
async def test_an_activity_with_any_changed_member_is_answered_or_refused(
    fuzzed: Fuzzed, activity: Json, change: Json
) -> None:
    assert await fuzzed.post(activity | change) in {200, 400, 401, 403, 501}


@series
@given(GENUINE, st.sampled_from(["from", "conversation", "channelData", "value"]), CHANGE)
async def test_an_activity_with_any_change_inside_a_member_is_answered_or_refused(
    fuzzed: Fuzzed, activity: Json, member: str, change: Json
) -> None:
    within = activity.get(member) or {}
    renamed = dict(zip(within, change.values(), strict=False))

    assert await fuzzed.post(activity | {member: within | renamed | change}) in {200, 400, 403, 501}
