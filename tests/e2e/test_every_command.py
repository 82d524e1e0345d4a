"""Every command and its commonest mistake, in a real browser, with a picture for the gallery."""

import re
from pathlib import Path

import pytest

from scripts.stage import Stage
from tests.e2e.conftest import NewPage
from tests.e2e.gallery import Gallery
from tests.e2e.playground import Card, Playground

pytestmark = pytest.mark.e2e

PATIENT = 45.0
INTRODUCTION = (
    "What Latchkey answers, as Microsoft's Agents Playground draws it; Teams draws the same cards "
    "in its own colours. The browser tests made this page and its pictures "
    "(`make e2e ARGS=--screenshots=FOLDER`)."
)


class Walk:
    """A person who types lines, each with its answer, for the gallery."""

    def __init__(self, window: Playground, gallery: Gallery) -> None:
        self._window = window
        self._gallery = gallery

    async def types(
        self, line: str, expected: str, name: str = "", seconds: float = PATIENT
    ) -> Card:
        """Type a line; with a ``name``, the answer becomes a picture."""
        card = await self._window.ask(line, expected, seconds)
        if name:
            await self._gallery.show(card, name, line, expected)
        return card


async def test_everybodys_commands(stage: Stage, new_page: NewPage, screenshots: Path) -> None:
    gallery = Gallery(screenshots, "gallery.md", "Gallery", INTRODUCTION)
    dana, avery = await _windows(stage, new_page)
    asks, decides = Walk(dana, gallery), Walk(avery, gallery)

    gallery.part("Finding one's way")
    await asks.types("help", "Governed access to Azure Key Vault", "help")
    await asks.types("hlp", "Did you mean: help", "not-understood")
    await asks.types("help all", "request secret NAME for 2h because REASON", "help-all")
    await asks.types("secrets", "What you can request", "secrets")
    await asks.types("secrts", "Did you mean: secrets")
    await asks.types("why demo-api-key", "It needs approval", "why")
    await asks.types("why nothing-here", "It would be refused", "why-refused")

    gallery.part("Asking for access")
    await asks.types("request", "Which secret?", "request")
    await asks.types("request secret demo-api-key", "Why do you need it", "request-form")
    await asks.types(
        "request secret demo-api-key for soon because smoke test",
        "Why do you need it",
        "request-mistake",
    )
    await asks.types("request secret nothing-here for 1h because test", "can't be requested here")
    own = await asks.types(
        "request secret demo-api-key for 5m because smoke test of release 42",
        "Waiting for approval",
        "request-waiting",
    )
    request_id = await _id_of(own)
    await decides.types("approvals", "Dana Developer asks to read demo-api-key", "approvals")
    await asks.types(f"extend {request_id} 1h", "isn't granted")
    await decides.types(f"approve {request_id}", "Granted", "approve")
    await decides.types(f"deny {request_id} because late", "was already approved", "deny-too-late")
    await asks.types("my access", "1 granted", "my-access")
    await asks.types("my acess", "Did you mean: my access")
    await asks.types(f"status {request_id}", "Granted", "status")
    await asks.types("status req-nothing", "I can't find a request or rotation with that ID")
    await asks.types(f"cancel {request_id}", "can't be cancelled")
    await asks.types(f"extend {request_id} 1h", "more time", "extend")
    ending = await asks.types(f"revoke {request_id}", "End this access now?", "revoke")
    await ending.click("End access")
    await dana.wait_for_text("Access ended")
    await asks.types(f"revoke {request_id}", "ended already")

    withdrawn = await asks.types(
        "request secret demo-api-key for 5m because a second test", "Waiting for approval"
    )
    await asks.types(f"cancel {await _id_of(withdrawn)}", "Cancelled", "cancel")
    denied = await asks.types(
        "request secret demo-api-key for 5m because a third test", "Waiting for approval"
    )
    await decides.types(f"deny {await _id_of(denied)} because ask me first", "Denied", "deny")
    await asks.types(
        "break glass demo-db-password because the database is down",
        "break-glass",
        "break-glass",
    )
    await asks.types("break glass demo-api-key because outage", "You're not one of the people")
    await asks.types("history", "Newest first", "history")
    await asks.types("history nothing-there", "Nothing", "history-nothing")
    await asks.types("report", "Only admins can do that", "only-admins")

    gallery.write()


async def _windows(stage: Stage, new_page: NewPage) -> tuple[Playground, Playground]:
    dana = Playground(await new_page(), stage.developer.url)
    avery = Playground(await new_page(), stage.approver.url)
    await dana.open()
    await avery.open()
    return dana, avery


async def _id_of(card: Card) -> str:
    found = re.search(r"\b(?:req|rot)-[0-9a-z]+", await card.text())
    assert found, "the card has no ID"
    return found[0]
