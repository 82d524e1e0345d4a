"""Look people up in Teams, which needs no directory permission."""

from bot.transport.inbound.shape import Json
from bot.transport.outbound.connector import Connector
from bot.transport.outbound.connector_errors import ConnectorError
from domain.people import Person, is_guest_name
from services.faults import Unavailable
from services.people.addresses import ConversationAddress, ConversationAddresses
from services.ports import ChannelTeam


class TeamRoster:
    """Find people among one team's members; used in addition to Microsoft Graph."""

    def __init__(
        self, connector: Connector, references: ConversationAddresses, channel_id: str
    ) -> None:
        self._connector = connector
        self._references = references
        self._channel_id = channel_id

    async def reach(self) -> None:
        """Query the team's channel; raise Unavailable if it doesn't answer."""
        service_url = await self._service_url()
        try:
            await self._connector.members(service_url, self._channel_id)
        except ConnectorError as fault:
            raise Unavailable("Teams", str(fault), outcome_unknown=False) from fault

    async def team(self) -> ChannelTeam | None:
        """Return the channel's team; None if Teams doesn't say which one it is."""
        found = await self._references.team(self._channel_id)
        if found is None:
            return None
        try:
            team = await self._connector.team(found.service_url, found.conversation_id)
        except ConnectorError:
            return None
        group_id = str(team.get("aadGroupId") or "").lower()
        return ChannelTeam(str(team.get("name") or ""), group_id) if group_id else None

    async def find(self, who: str) -> Person | None:
        if _names_nobody(who):
            return None
        reference = ConversationAddress(await self._service_url(), self._channel_id)
        return await _member(self._connector, reference, who)

    async def _service_url(self) -> str:
        service_url = await self._references.service_url(self._channel_id)
        if service_url is None:
            cause = "the bot has not been installed in the audit team yet"
            raise Unavailable("Teams", cause, outcome_unknown=False)
        return service_url


class ConversationRoster:
    """Find people among the members of a conversation, by the Teams ID that mentions have."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def find(self, where: ConversationAddress, teams_id: str) -> Person | None:
        """Find a member; raise Unavailable if Teams can't answer."""
        if _names_nobody(teams_id):
            return None
        return await _member(self._connector, where, teams_id)


class ChatRoster:
    """Find people who have a personal chat with the bot.

    They stay members of that chat as long as it exists, even if their account is gone.
    """

    def __init__(self, connector: Connector, references: ConversationAddresses) -> None:
        self._connector = connector
        self._references = references

    async def find(self, who: str) -> Person | None:
        """Find a person by Entra object id."""
        reference = await self._references.person(who.lower())
        return await _member(self._connector, reference, who) if reference else None


def _names_nobody(who: str) -> bool:
    """Return whether a text is no one's ID; in a URL path it would address something else."""
    return not who.strip(". ")


async def _member(connector: Connector, where: ConversationAddress, who: str) -> Person | None:
    """Find a member of a conversation; raise Unavailable if Teams can't answer."""
    try:
        member = await connector.member(where.service_url, where.conversation_id, who)
    except ConnectorError as fault:
        raise Unavailable("Teams", str(fault), outcome_unknown=False) from fault
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
    """Return whether a member is a guest; None if Teams sends neither role nor name."""
    role, name = member.get("userRole"), member.get("userPrincipalName")
    if role is None and name is None:
        return None
    return role == "guest" or is_guest_name(name)
