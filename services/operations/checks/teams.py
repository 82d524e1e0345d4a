"""Checks of the bot's Teams credentials and of the audit channel."""

from collections.abc import Awaitable, Callable, Iterator

from domain.diagnosis import Finding, broken, doubtful, good
from domain.phrases import phrase
from services.operations.checks.check import Check
from services.ports import AuditChannel

_CREDENTIALS = phrase("Teams credentials")
_FOR_REAL = phrase("Set {variable} for anything but local testing.", variable="MicrosoftAppId")
_CHANNEL = phrase("Audit channel")
_REGISTRATION = phrase("Check the bot's app registration and its secret.")
_ADD_TO_TEAM = phrase(
    "Add the app to the team of the audit channel, and check {variable}.",
    variable="ADMIN_TEAMS_CHANNEL_ID",
)
_ONE_TEAM = phrase(
    "Set {channel} to a channel of that team, or correct {team}.",
    channel="ADMIN_TEAMS_CHANNEL_ID",
    team="ADMIN_TEAMS_GROUP_ID",
)


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
            seen = phrase("local mode: no one is authenticated")
            return doubtful(_CREDENTIALS, seen, _FOR_REAL)
        await get_token()
        return good(_CREDENTIALS, phrase("Entra issues a token"))

    async def audit() -> Finding:
        if not channel_id:
            remedy = phrase("Set {variable}.", variable="ADMIN_TEAMS_CHANNEL_ID")
            return broken(_CHANNEL, phrase("none is configured"), remedy)
        await channel.reach()
        team = await channel.team() if group_id else None
        if team and team.group_id != group_id:
            seen = phrase(
                "is in the team {team}, which isn't the one in {variable}",
                team=team.name,
                variable="ADMIN_TEAMS_GROUP_ID",
            )
            return broken(_CHANNEL, seen, _ONE_TEAM)
        if team:
            return good(_CHANNEL, phrase("answers, in the team {team}", team=team.name))
        return good(_CHANNEL, phrase("answers"))

    yield Check(_CREDENTIALS, credentials, _REGISTRATION)
    yield Check(_CHANNEL, audit, _ADD_TO_TEAM)
