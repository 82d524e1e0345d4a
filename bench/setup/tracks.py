"""The kinds of turns that are repeated in a benchmark."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from itertools import cycle
from typing import Protocol

from bench.setup.stage import CROWD
from bot.ids import request_id_of
from bot.transport.activity_facts import ActivityFacts
from bot.transport.inbound.incoming import deserialised
from cards.kit import verbs
from sandbox.seed import DEMO_API_KEY
from tests.support.deployment import AVERY
from tests.support.teams import Json, a_message, an_execute


class Track(Protocol):
    """One kind of turn; its bodies may be endless."""

    contender: str
    label: str

    def bodies(self, service_url: str) -> Iterator[bytes]:
        """Generate turns, each with its own ID."""

    def is_good(self, status: int, body: bytes) -> bool:
        """Tell whether a turn got the right answer."""


class Said:
    """The people of a crowd take turns sending a message."""

    def __init__(self, contender: str, label: str, text: str) -> None:
        self.contender = contender
        self.label = label
        self._text = text

    def bodies(self, service_url: str) -> Iterator[bytes]:
        for person in cycle(CROWD):
            yield self._written({"serviceUrl": service_url} | a_message(self._text, person))

    def is_good(self, status: int, _: bytes) -> bool:
        return status in (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED)

    def _written(self, message: Json) -> bytes:
        return json.dumps(message).encode()


class Requested(Said):
    """People request access; the requests are kept for `Approved` to decide."""

    def __init__(self) -> None:
        text = f"request secret {DEMO_API_KEY} for 2h because a test"
        super().__init__("latchkey", "Latchkey, request …", text)
        self.undecided: list[Json] = []

    def _written(self, message: Json) -> bytes:
        self.undecided.append(message)
        return super()._written(message)


class Approved:
    """An approver clicks Approve on each undecided request."""

    contender = "latchkey"
    label = "Latchkey, Approve"

    def __init__(self, requests: Requested) -> None:
        self._undecided = requests.undecided

    def bodies(self, service_url: str) -> Iterator[bytes]:
        while self._undecided:
            request_id = request_id_of(ActivityFacts(deserialised(self._undecided.pop())))
            click = an_execute(verbs.APPROVE, {verbs.REQUEST: request_id}, AVERY)
            yield json.dumps({"serviceUrl": service_url} | click).encode()

    def is_good(self, status: int, body: bytes) -> bool:
        """Tell whether the answer is the decided card: a refusal would be plain text."""
        return status == HTTPStatus.OK and b"vnd.microsoft.card.adaptive" in body


def tracks() -> list[Track]:
    """Return the tracks to compare, the baseline first."""
    requests = Requested()
    return [
        Said("bare", "bare aiohttp handler", "hello"),
        Said("bare_uvloop", "bare handler on uvloop", "hello"),
        Said("stock", "stock CloudAdapter, echo", "hello"),
        Said("agents", "Agents SDK, echo", "hello"),
        Said("latchkey", "Latchkey, help", "help"),
        requests,
        Approved(requests),
    ]
