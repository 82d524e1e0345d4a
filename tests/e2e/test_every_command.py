"""Every command and its commonest mistake, in a real browser, with a picture for the gallery."""

import re
from pathlib import Path

import aiohttp
import pytest

from sandbox.seed import APP_IDENTITY, DANA, DEMO_API_KEY
from scripts.local.stage import Stage
from tests.e2e.conftest import NewPage
from tests.e2e.gallery import Gallery
from tests.e2e.playground import Card, Playground

pytestmark = pytest.mark.e2e

PATIENT = 45.0
LONGEST = 90.0
UNTIL_A_HUMAN_IS_NEEDED = 180.0
"""Eight tries of the undo, with longer and longer pauses."""


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
    gallery = Gallery(screenshots, "gallery.md", "Gallery")
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
        "Sent for approval",
        "request-waiting",
    )
    request_id = await _id_of(own)
    await decides.types("approvals", "Dana Developer asks to read demo-api-key", "approvals")
    await asks.types(f"extend {request_id} 1h", "There's no access to extend")
    await decides.types(f"approve {request_id}", "Granted", "approve")
    await decides.types(f"deny {request_id} because late", "was already approved", "deny-too-late")
    await asks.types("my access", "1 granted", "my-access")
    await asks.types("my acess", "Did you mean: my access")
    await asks.types(f"status {request_id}", "Granted", "status")
    await asks.types("status req-nothing", "I can't find a request or rotation with that ID")
    await asks.types(f"cancel {request_id}", "can't be cancelled")
    await asks.types(f"extend {request_id} 1h", "minutes left", "extend")
    ending = await asks.types(f"revoke {request_id}", "End this access now?", "revoke")
    await ending.click("End access")
    await dana.wait_for_text("Access ended")
    await asks.types(f"revoke {request_id}", "was already ended")

    withdrawn = await asks.types(
        "request secret demo-api-key for 5m because a second test", "Sent for approval"
    )
    await asks.types(f"cancel {await _id_of(withdrawn)}", "Cancelled", "cancel")
    denied = await asks.types(
        "request secret demo-api-key for 5m because a third test", "Sent for approval"
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


async def test_admins_commands(stage: Stage, new_page: NewPage, screenshots: Path) -> None:
    gallery = Gallery(screenshots, "gallery-for-admins.md", "Gallery for admins")
    dana, avery = await _windows(stage, new_page)
    azure = await new_page()
    await azure.goto(stage.sandbox_url)
    asks, decides = Walk(dana, gallery), Walk(avery, gallery)

    gallery.part("Rotating")
    await decides.types("rotations", "1 secret is rotated", "rotations")
    await decides.types("rotation", "Did you mean: rotations")
    await decides.types("plan app-api-key", "What a rotation would do", "plan")
    await decides.types("plan nothing", "isn't set up for rotation")
    await decides.types("rotate nothing", "isn't set up for rotation", "rotate-mistake")
    plan = await decides.types("rotate app-api-key", "Rotate this secret?", "rotate")
    await plan.click("Rotate")
    await avery.wait_for_text("Rotated, old version not retired yet", LONGEST)
    rotated = avery.card_with("Rotated, old version not retired yet")
    await gallery.show(rotated, "rotated", "rotate app-api-key", "Rotated")
    rotation_id = await _id_of(rotated)
    await decides.types(
        f"abandon {rotation_id} because it hangs", "Only a rotation that needs a human"
    )
    faults = azure.get_by_role("region", name="Make something fail")
    await faults.get_by_role("button", name="Break the next rotation, and its undo").click()
    plan = await decides.types("rotate app-api-key", "Rotate this secret?")
    await plan.click("Rotate")

    gallery.part("When something goes wrong")
    await faults.get_by_role("button", name="Refuse to end access").click()
    waiting = await asks.types(
        "request secret demo-api-key for 15s because a short test", "Sent for approval"
    )
    request_id = await _id_of(waiting)
    await decides.types(f"approve {request_id}", "Granted")
    for reader in (DANA.id, DANA.id, APP_IDENTITY.id):
        await _read(stage, reader, DEMO_API_KEY)
    await decides.types("close req-nothing because gone", "I can't find a request")
    await dana.wait_for_text("Revocation started", LONGEST)
    await decides.types("stuck", request_id, "stuck")
    await decides.types(f"retry {request_id}", "Revocation started", "retry")
    closing = await decides.types(
        f"close {request_id} because the vault is gone", "Close this without removing it?", "close"
    )
    await closing.fill("Reason", "the vault is gone")
    await closing.click("Close it")
    await avery.wait_for_text("Closed by an admin", LONGEST)
    await decides.types(f"retry {request_id}", "Nothing is overdue here")
    await faults.get_by_role("button", name="Refuse to end access").click()
    drill = await decides.types("drill", "Begin a drill?")
    await drill.click("Begin")  # it takes a minute, in which the rotation goes on failing

    await avery.wait_for_text("The rollback stopped halfway", UNTIL_A_HUMAN_IS_NEEDED)
    broken = avery.card_with("The rollback stopped halfway")
    await gallery.show(broken, "needs-a-human", "rotate app-api-key", "Needs a human")
    broken_id = await _id_of(broken)
    await decides.types(f"abandon {broken_id}", "Say why: abandon")
    abandoning = await decides.types(
        f"abandon {broken_id} because the app was deleted", "Abandon this rotation?", "abandon"
    )
    await abandoning.click("Abandon")
    await avery.wait_for_text("Abandoned, not finished", LONGEST)
    await gallery.show(
        avery.card_with("Abandoned, not finished"),
        "abandoned",
        f"abandon {broken_id} because the app was deleted",
        "Abandoned, not finished",
    )
    await decides.types(f"retry {broken_id}", "nothing to retry")

    gallery.part("Looking back")
    await decides.types(f"verify {request_id}", "Unbroken", "verify")
    await decides.types("verify", "Did you mean: verify ID")
    await decides.types("history Dana", "Newest first", "history-of-somebody")
    await decides.types(f"history {request_id}", "Reads", "history-reads")
    await decides.types("report", "the last 30 days", "report")
    await avery.wait_for_text("Only applications read without a grant", PATIENT)
    outside = avery.card_with("Only applications read without a grant")
    await gallery.show(outside, "report-reads", "report", "By applications")
    await decides.types("review", "Access review", "review")
    await decides.types("doctor", "Check again", "doctor")

    gallery.part("Now and then")
    drill = await decides.types("drill", "Begin a drill?", "drill")
    await drill.click("Cancel")
    await avery.wait_for_text("seconds after its end", LONGEST)
    over = avery.card_with("seconds after its end")
    await gallery.show(over, "drill-succeeded", "drill", "Succeeded")
    await decides.types("drill now please", "Did you mean: drill")
    await decides.types("erase Dana", "I can't find Dana in the directory")
    erasing = await decides.types(f"erase {DANA.id}", "Erase this person's name?", "erase")
    await erasing.click("Erase")
    await avery.wait_for_text("The name is being erased", LONGEST)
    gallery.write()


async def _windows(stage: Stage, new_page: NewPage) -> tuple[Playground, Playground]:
    dana = Playground(await new_page(), stage.developer.url)
    avery = Playground(await new_page(), stage.approver.url)
    await dana.open()
    await avery.open()
    return dana, avery


async def _read(stage: Stage, object_id: str, secret: str) -> None:
    """Read a secret as somebody, with a token of the local Azure."""
    wanted = {"principal": object_id, "resource": "https://vault.azure.net"}
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        async with session.post(f"{stage.sandbox_url}/sandbox/token", json=wanted) as issued:
            token = (await issued.json())["access_token"]
        url = f"https://localhost:{stage.ports.sandbox}/secrets/{secret}?api-version=7.4"
        headers = {"Authorization": f"Bearer {token}"}
        await session.get(url, headers=headers, ssl=False)


async def _id_of(card: Card) -> str:
    found = re.search(r"\b(?:req|rot)-[0-9a-z]+", await card.text())
    assert found, "the card has no ID"
    return found[0]
