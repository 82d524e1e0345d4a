"""People as the team of the audit channel knows them: no directory permission is needed."""

from bot.connector import Connector
from bot.connector_errors import ConnectorError
from domain.people import Person, is_guest_name
from services.faults import Unavailable
from services.references import References


class TeamRoster:
    """A source of people beside Microsoft Graph; it knows the members of one team."""

    def __init__(self, connector: Connector, references: References, channel_id: str) -> None:
        self._connector = connector
        self._references = references
        self._channel_id = channel_id

    async def reach(self) -> None:
        """Ask the team's channel something; raises Unavailable where it does not answer."""
        service_url = await self._service_url()
        try:
            await self._connector.members(service_url, self._channel_id)
        except ConnectorError as fault:
            raise Unavailable("Teams", str(fault)) from fault

    async def find(self, who: str) -> Person | None:
        if not who.strip(". "):
            return None  # it names nobody, and as a part of an address something else
        service_url = await self._service_url()
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
            guest=member.get("userRole") == "guest"
            or is_guest_name(member.get("userPrincipalName")),
        )

    async def _service_url(self) -> str:
        service_url = await self._references.service_url(self._channel_id)
        if service_url is None:
            raise Unavailable("Teams", "the bot has not been installed in the audit team yet")
        return service_url
