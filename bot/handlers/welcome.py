"""Say what a person can do here."""

from bot.turn import Turn
from cards.kit.elements import Content
from cards.languages.remembered import remembered
from cards.operations.help_card import suggested, welcome_card
from services.people.addresses import ConversationAddresses
from services.people.roles import KnownRoles, PersonRole, Roles


class WelcomeHandlers:
    """Greet people, by what they can do; nobody is refused."""

    def __init__(self, roles: KnownRoles, addresses: ConversationAddresses) -> None:
        self._roles = roles
        self._addresses = addresses

    async def greet(self, turn: Turn) -> None:
        """Show what this person can do."""
        roles = await self._roles.of(turn.actor)
        suggestions = _suggested(roles) if turn.conversation.is_personal else ()
        await turn.reply(_card(roles), suggestions)

    async def greet_newcomer(self, turn: Turn) -> None:
        """Greet whoever added the bot, once, even if Teams says so twice."""
        if await self._addresses.is_first_greeting(turn.actor.object_id, turn.message_id):
            await self.greet(turn)


@remembered
def _card(roles: Roles) -> Content:
    """Draw the welcome, once for each combination of roles."""
    return welcome_card(**_flags(roles))


def _suggested(roles: Roles) -> tuple[str, ...]:
    return tuple(suggested(**_flags(roles)))


def _flags(roles: Roles) -> dict[str, bool]:
    return {
        "is_approver": PersonRole.APPROVER in roles,
        "is_admin": PersonRole.ADMIN in roles,
    }
