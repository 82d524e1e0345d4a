"""Whether the bot may speak in Teams, and whether the audit channel listens."""

from collections.abc import Awaitable, Callable, Iterator

from domain.diagnosis import Finding, broken, doubtful, good
from services.operations.checks.check import Check
from services.ports import AuditChannel

_ADD_TO_TEAM = "Add the app to the team of the audit channel, and see ADMIN_TEAMS_CHANNEL_ID."

_ONE_TEAM = "Set ADMIN_TEAMS_CHANNEL_ID to a channel of that team, or correct ADMIN_TEAMS_GROUP_ID."


def teams_checks(
    get_token: Callable[[], Awaitable[object]] | None,
    channel: AuditChannel,
    channel_id: str,
    group_id: str = "",
) -> Iterator[Check]:
    """Ask for a token, and ask the audit channel something; ``get_token`` is None locally.

    ``group_id`` is the group of the team that the channel should be in, where one is configured.
    """

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
        team = await channel.team() if group_id else None
        if team and team.group_id != group_id:
            sentence = f"is in the team {team.name}, which is not that of ADMIN_TEAMS_GROUP_ID"
            return broken("Audit channel", sentence, _ONE_TEAM)
        return good("Audit channel", f"answers, in the team {team.name}" if team else "answers")

    yield Check("Teams credentials", credentials, "See the bot's registration and its secret.")
    yield Check("Audit channel", audit, _ADD_TO_TEAM)
