"""What is recorded of a request that the policy refuses: what was asked for, and nothing else."""

from pathlib import Path

import pytest

from tests.outside.scenarios import correlation_id
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey

pytestmark = pytest.mark.in_memory

_ELSEWHERE = """
[[secret]]
name = "reports-key"
requestable = true
vault = { name = "kv-reports" }
requesters = ["avery@contoso.com"]
"""


@pytest.mark.parametrize(
    ("asked", "listed", "shown"),
    [
        ("nope for 1h because of a test", "nope for Dana Developer, 1 hour", "for 1 hour."),
        ("nope because of a test", "nope for Dana Developer  denied", "asked to read nope in demo"),
        ("nope for 1h or so because of a test", "nope for Dana Developer  denied", "of a test"),
    ],
)
async def test_a_blocked_request_shows_what_was_asked_for(
    latchkey: Latchkey, asked: str, listed: str, shown: str
) -> None:
    await latchkey.say(DANA, f"request secret {asked}")
    await latchkey.tick()
    request_id = correlation_id(latchkey.audit()[-1])

    history = await latchkey.say(AVERY, "history")
    for_admins = await latchkey.say(AVERY, f"status {request_id}")
    own = await latchkey.say(DANA, f"status {request_id}")

    assert listed in history.words
    for card in (for_admins, own):
        assert shown in card.words
        assert "of a test" in card.words
        for unknown in ("0 seconds", "Role", "Approvers", "Opens"):
            assert unknown not in card.words


@pytest.mark.parametrize("line", ["request secret reports-key for 1h", "break glass reports-key"])
async def test_a_blocked_request_names_the_vault_of_the_secrets_rule(
    latchkey: Latchkey, tmp_path: Path, line: str
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(_ELSEWHERE, encoding="utf-8")
    await latchkey.restart(POLICY_FILE=str(file))

    await latchkey.say(DANA, f"{line} because of a test")
    await latchkey.tick()

    assert "asked to read reports-key in kv-reports and was refused" in latchkey.audit()[-1].words
