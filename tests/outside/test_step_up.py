"""Approvals that have to be confirmed with a fresh sign-in."""

from pathlib import Path

import pytest

from sandbox.seed import DEMO_API_KEY
from tests.outside.scenarios import asked
from tests.outside.sign_ins import PUBLIC_URL, WRITTEN, Browser
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey

pytestmark = pytest.mark.in_memory


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "policy.toml"
    file.write_text(WRITTEN, encoding="utf-8")
    return file


@pytest.fixture
async def bot(latchkey: Latchkey, file: Path) -> Latchkey:
    """The bot, with a policy that has approvals confirmed."""
    await latchkey.restart(POLICY_FILE=str(file), PUBLIC_URL=PUBLIC_URL)
    return latchkey


async def test_an_approval_counts_once_the_approver_has_signed_in(bot: Latchkey) -> None:
    await asked(bot)
    card = await bot.click(AVERY, bot.card_of(AVERY), "Approve")
    await bot.tick()
    before = await bot.read(DANA, DEMO_API_KEY)
    page = await Browser(bot).sign_in(card, AVERY)
    await bot.tick()

    assert card.status == "Confirm it's you"
    assert before is None
    assert (page.status, page.sentence) == (
        200,
        "Your approval counts, and you can go back to Teams.",
    )
    assert await bot.read(DANA, DEMO_API_KEY) is not None
    assert bot.card_of(AVERY).status == "Granted"
