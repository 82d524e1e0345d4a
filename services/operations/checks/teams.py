"""Checks of the bot's Teams credentials and of the audit channel."""

from collections.abc import Awaitable, Callable, Iterator

from domain.diagnosis import Finding, broken, doubtful, good
from services.operations.checks.check import Check
from services.ports import AuditChannel

_ADD_TO_TEAM = "Add the app to the team of the audit channel, and check ADMIN_TEAMS_CHANNEL_ID."

_ONE_TEAM = "Set ADMIN_TEAMS_CHANNEL_ID to a channel of that team, or correct ADMIN_TEAMS_GROUP_ID."


def teams_checks(
    get_token: Callable[[], Awaitable[object]] | None,
    channel: AuditChannel,
    channel_id: str,
    group_id: str = "",
) -> Iterator[Check]:
    """Request a token and query the audit channel; ``get_token`` is None in local mode.

    ``group_id`` is the configured Entra group of the channel's team, if any.
    """

    async def credentials() -> Finding:
        if get_token is None:
            remedy = "Set MicrosoftAppId for anything but local testing."
            return doubtful("Teams credentials", "local mode: no one is authenticated", remedy)
        await get_token()
        return good("Teams credentials", "Entra issues a token")

    async def audit() -> Finding:
        if not channel_id:
            return broken("Audit channel", "none is configured", "Set ADMIN_TEAMS_CHANNEL_ID.")
        await channel.reach()
        team = await channel.team() if group_id else None
        if team and team.group_id != group_id:
            sentence = f"is in the team {team.name}, which isn't the one in ADMIN_TEAMS_GROUP_ID"
            return broken("Audit channel", sentence, _ONE_TEAM)
        return good("Audit channel", f"answers, in the team {team.name}" if team else "answers")

    yield Check(
        "Teams credentials", credentials, "Check the bot's app registration and its secret."
    )
    yield Check("Audit channel", audit, _ADD_TO_TEAM)
