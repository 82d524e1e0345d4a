"""People as Teams knows them, which needs no permission in the directory."""

from bot.transport.connector import Connector
from bot.transport.connector_errors import ConnectorError
from bot.transport.shape import Json
from domain.people import Person, is_guest_name
from services.faults import Unavailable
from services.people.addresses import ConversationAddress, ConversationAddresses
from services.ports import ChannelTeam


class TeamRoster:
    """A source of people beside Microsoft Graph; it knows the members of one team."""

    def __init__(
        self, connector: Connector, references: ConversationAddresses, channel_id: str
    ) -> None:
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

    async def team(self) -> ChannelTeam | None:
        """Return the team of the channel; None where Teams does not tell which one it is."""
        found = await self._references.team(self._channel_id)
        if found is None:
            return None
        try:
            told = await self._connector.team(found.service_url, found.conversation_id)
        except ConnectorError:
            return None
        group_id = str(told.get("aadGroupId") or "").lower()
        return ChannelTeam(str(told.get("name") or ""), group_id) if group_id else None

    async def find(self, who: str) -> Person | None:
        if not who.strip(". "):
            return None  # it names nobody, and as a part of an address something else
        reference = ConversationAddress(await self._service_url(), self._channel_id)
        return await _member(self._connector, reference, who)

    async def _service_url(self) -> str:
        service_url = await self._references.service_url(self._channel_id)
        if service_url is None:
            raise Unavailable("Teams", "the bot has not been installed in the audit team yet")
        return service_url


class ChatRoster:
    """A source of people that knows those who have a chat of their own with the bot.

    They are in it for as long as it exists, whatever has become of their accounts.
    """

    def __init__(self, connector: Connector, references: ConversationAddresses) -> None:
        self._connector = connector
        self._references = references

    async def find(self, who: str) -> Person | None:
        """Find a person by Entra object id."""
        reference = await self._references.person(who.lower())
        return await _member(self._connector, reference, who) if reference else None


async def _member(connector: Connector, where: ConversationAddress, who: str) -> Person | None:
    """Find a member of a conversation; raises Unavailable where Teams does not say."""
    try:
        member = await connector.member(where.service_url, where.conversation_id, who)
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
        guest=_is_guest(member),
    )


def _is_guest(member: Json) -> bool | None:
    """Say whether a member is a guest; None where Teams tells neither their role nor their name."""
    role, name = member.get("userRole"), member.get("userPrincipalName")
    if role is None and name is None:
        return None
    return role == "guest" or is_guest_name(name)
