"""Set up a rotation for a test, and inspect its state in Azure."""

from collections.abc import Mapping

from sandbox.app_service.references import refresh
from sandbox.seed import APP_API_KEY, BOT, LITERAL_SETTING, SITE, VAULT
from sandbox.state import LoggedRequest
from sandbox.stored.sites import ConnectionString
from sandbox.stored.vaults import StoredVersion
from tests.support.deployment import AVERY
from tests.support.latchkey import Latchkey
from tests.support.people import People, Seen
from tests.support.sandbox import Sandbox
from tests.support.teams import Person

ROTATE = f"rotate {APP_API_KEY}"
CARD = "Secret rotation"

VARIABLES: Mapping[str, str] = {
    "ROTATION_SECRET_NAME": APP_API_KEY,
    "DEPENDENT_APP_SERVICE_NAME": SITE,
    "DEPENDENT_APP_SETTING": LITERAL_SETTING,
}
"""The variables for the one rotated secret and its dependent."""

Contents = tuple[tuple[str, bool], ...]


async def planned(bot: Latchkey, admin: Person = AVERY) -> Seen:
    """Let an admin request a rotation; return the plan on their card."""
    return await bot.say(admin, ROTATE)


async def begun(bot: Latchkey, admin: Person = AVERY) -> Seen:
    """Let an admin request and confirm a rotation and let it run; return its card."""
    card = await bot.click(admin, await planned(bot, admin), "Rotate")
    await bot.tick()
    return now(bot, card)


def now(bot: People, card: Seen) -> Seen:
    """Return a message's current state, as everyone sees it."""
    [posted] = [post for post in bot.teams.posted if post.id == card.id]
    return Seen.of(posted)


def audit(bot: People, rotation_id: str) -> list[str]:
    """Return a rotation's audit messages, oldest first, without its live card."""
    return [
        post.status
        for post in bot.audit()
        if f"Correlation ID {rotation_id}" in post.words and post.title != CARD
    ]


def live(bot: People, rotation_id: str) -> Seen:
    """Return a rotation's live card in the audit channel."""
    [card] = [
        post
        for post in bot.audit()
        if f"Correlation ID {rotation_id}" in post.words and post.title == CARD
    ]
    return card


def versions(sandbox: Sandbox, secret: str = APP_API_KEY) -> list[StoredVersion]:
    """Return a secret's versions, oldest first."""
    return list(sandbox.state.vaults[VAULT].secrets[secret].versions)


def contents(sandbox: Sandbox, secret: str = APP_API_KEY) -> Contents:
    """Return a secret's values, oldest first, and whether each can be read."""
    return tuple((version.value, version.enabled) for version in versions(sandbox, secret))


def settings(sandbox: Sandbox, slot: str = "") -> dict[str, str]:
    """Return all settings of the demo app, or of its slot."""
    return dict(sandbox.state.sites[SITE, slot].settings)


def strings(sandbox: Sandbox, slot: str = "") -> dict[str, tuple[str, str]]:
    """Return the values and types of the connection strings of the demo app, or of its slot."""
    held = sandbox.state.sites[SITE, slot].connection_strings
    return {name: (one.value, one.type) for name, one in held.items()}


def set_strings(sandbox: Sandbox, slot: str = "", **changed: tuple[str, str]) -> None:
    """Change connection strings in the portal: each is a value and a type."""
    site = sandbox.state.sites[SITE, slot]
    site.connection_strings |= {name: ConnectionString(*one) for name, one in changed.items()}
    refresh(sandbox.state, site, sandbox.clock())


def set_by_hand(sandbox: Sandbox, slot: str = "", **changed: str) -> None:
    """Change settings in the portal."""
    site = sandbox.state.sites[SITE, slot]
    site.settings |= changed
    refresh(sandbox.state, site, sandbox.clock())


def changes(sandbox: Sandbox) -> list[LoggedRequest]:
    """Return the bot's requests that changed something, or tried to."""
    return [
        one
        for one in sandbox.log
        if one.principal == BOT.id
        and one.method != "GET"
        and not one.path.endswith(
            ("/appsettings/list", "/connectionstrings/list")
        )  # App Service reads settings with a POST
    ]
