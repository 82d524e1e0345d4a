"""People as the team of the audit channel knows them: no directory permission is needed."""

from bot.connector import Connector
from bot.connector_errors import ConnectorError
from domain.people import Person
from services.faults import Unavailable
from services.references import References


class TeamRoster:
    """A source of people beside Microsoft Graph; it knows the members of one team."""

    def __init__(self, connector: Connector, references: References, channel_id: str) -> None:
        self._connector = connector
        self._references = references
        self._channel_id = channel_id

    async def find(self, who: str) -> Person | None:
        service_url = await self._references.service_url(self._channel_id)
        if service_url is None:
            raise Unavailable("Teams", "the bot has not been installed in the audit team yet")
        try:
            member = await self._connector.member(service_url, self._channel_id, who)
        except ConnectorError as fault:
            raise Unavailable("Teams", str(fault)) from fault
        if member is None:
            return None
        object_id = member.get("aadObjectId") or member.get("objectId")  # seen under both names
        if not object_id:
            return None
        return Person(
            str(object_id).lower(),
            str(member.get("name") or who),
            str(member.get("email") or member.get("userPrincipalName") or ""),
        )
