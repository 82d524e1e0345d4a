"""Whether the bot may speak in Teams, and whether the audit channel listens."""

from collections.abc import Awaitable, Callable, Iterator

from domain.diagnosis import Finding, broken, doubtful, good
from services.checks.check import Check
from services.checks.ports import AuditChannel

_ADD_TO_TEAM = "Add the app to the team of the audit channel, and see ADMIN_TEAMS_CHANNEL_ID."


def teams_checks(
    get_token: Callable[[], Awaitable[object]] | None, channel: AuditChannel, channel_id: str
) -> Iterator[Check]:
    """Ask for a token, and ask the audit channel something; ``get_token`` is None locally."""

    async def credentials() -> Finding:
        if get_token is None:
            remedy = "Set MicrosoftAppId for anything but a try on one machine."
            return doubtful("Teams credentials", "local mode: nobody is authenticated", remedy)
        await get_token()
        return good("Teams credentials", "Entra gives a token")

    async def audit() -> Finding:
        if not channel_id:
            return broken("Audit channel", "none is configured", "Set ADMIN_TEAMS_CHANNEL_ID.")
        await channel.reach()
        return good("Audit channel", "answers")

    yield Check("Teams credentials", credentials, "See the bot's registration and its secret.")
    yield Check("Audit channel", audit, _ADD_TO_TEAM)
