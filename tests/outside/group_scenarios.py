"""Set up groups for a test, and let their members decide."""

from dataclasses import replace
from pathlib import Path

from sandbox import seed
from sandbox.seed import PAYMENTS_APPROVERS, PAYMENTS_ON_CALL, DirectoryGroup
from tests.support.deployment import DANA
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.teams import Person

BY_NAME = f"group:{PAYMENTS_APPROVERS.display_name}"
BY_ID = f"group:{PAYMENTS_APPROVERS.id}"


async def use(bot: Latchkey, directory: Path, text: str) -> None:
    """Restart the bot with a policy file in this directory, and Avery as the only admin."""
    file = _written(directory / "policy.toml", text)
    await bot.restart(POLICY_FILE=str(file), ADMIN_USERS=seed.AVERY.mail)


async def approve_by_rule(bot: Latchkey, directory: Path) -> None:
    """Restart the bot with a rule that approves short requests by people on call."""
    rule = f'{{ requesters = ["group:{PAYMENTS_ON_CALL.id}"], max = "10m" }}'
    approvers = f'approvers = ["{seed.AVERY.mail}"]'
    text = f'{approvers}\n[[secret]]\nname = "demo-api-key"\nscope = "secret"\n'
    await use(bot, directory, f"{text}auto_approve = {rule}")


async def asked_briefly(bot: Latchkey) -> None:
    """Let Dana request access that a rule may approve."""
    await bot.say(DANA, "request secret demo-api-key for 10m because smoke test")
    await bot.tick()


def _written(file: Path, text: str) -> Path:
    file.write_text(f"[defaults]\n{text}", encoding="utf-8")
    return file


def put(bot: Latchkey, group: DirectoryGroup, *members: str) -> None:
    """Create a group, or give it other members."""
    bot.sandbox.state.directory.groups[group.id] = replace(group, members=members)


def groups_are_down(bot: Latchkey, *, down: bool = True) -> None:
    bot.sandbox.state.knobs.groups_available = not down


def is_granted(bot: Latchkey) -> bool:
    return bot.assigned(DANA) != []


async def checked(bot: Latchkey, person: Person) -> Seen:
    """Let the bot check a person's groups; return their card."""
    await bot.say_for_all(person, "approvals")
    return bot.card_of(person)


async def approves(bot: Latchkey, person: Person) -> Seen:
    """Let a person press Approve on their own card."""
    seen = await bot.click(person, bot.card_of(person), "Approve")
    await bot.tick()
    return seen
