"""Handle erasing a person's name, for admins only."""

from collections.abc import Mapping

from bot.handlers.clicks import ClickHandler
from bot.handlers.lines.erase_command import Erase
from bot.handlers.person_reader import PersonReader, who_is_named
from bot.handlers.questions import answered
from bot.ids import erasure_id_of, is_erasure_id
from bot.turn import Click, Turn
from cards.kit import verbs
from cards.kit.elements import Content
from cards.kit.notice import notice
from cards.kit.tone import Tone
from cards.languages.texts import say
from cards.operations.erase_card import erase_card
from domain.erasure.erasure import Erasure, ErasureState
from domain.refusals.people import UnknownPerson
from domain.refusals.records import UnknownWorkflow
from services.erasure.erasures import Erasures
from services.people.admins import Admins
from services.values import is_guid


class ErasingHandlers:
    """Handle turns about erasing, for admins only; refusals are raised to the caller."""

    def __init__(self, erasures: Erasures, people: PersonReader, admins: Admins) -> None:
        self._erasures = erasures
        self._people = people
        self._admins = admins

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {verbs.ERASE: self.on_erase, verbs.ERASE_CANCEL: self.on_cancel}

    async def erase(self, turn: Turn, command: Erase) -> None:
        """Show what erasing a person's name would do, and ask for confirmation."""
        await self._admins.require(turn.actor)
        who = who_is_named(turn, command.person) or command.person
        person = await self._people.find_even_gone(turn, who, command.person.removeprefix("@"))
        await turn.reply(erase_card(person, erasure_id_of(turn)))

    async def on_erase(self, turn: Turn, click: Click) -> None:
        """Begin to erase the name of the person on the card."""
        await self._admins.require(turn.actor)
        person_id, erasure_id = click.text(verbs.PERSON), _checked(click.text(verbs.ERASURE))
        if not is_guid(person_id):
            raise UnknownPerson(person_id[:_LONGEST])
        begun = await self._erasures.begin(turn.actor, person_id, erasure_id)
        await answered(turn, lambda: _begun(begun))

    async def on_cancel(self, turn: Turn, click: Click) -> None:
        """Cancel the erasure; if it has begun, say so instead."""
        await self._admins.require(turn.actor)
        begun = await self._erasures.cancel(turn.actor, _checked(click.text(verbs.ERASURE)))
        await answered(turn, lambda: _begun(begun) if begun else _cancelled())


def _begun(erasure: Erasure) -> Content:
    if erasure.state is ErasureState.ENDED:
        said = say("This has ended: a message in the audit channel says what was erased.")
        return notice(said, Tone.QUIET)
    said = say("The name is being erased. A message in the audit channel says when it's done.")
    return notice(said, Tone.GOOD)


def _cancelled() -> Content:
    return notice(say("Cancelled. This erasure wasn't begun."), Tone.QUIET)


def _checked(erasure_id: str) -> str:
    """Return the ID if it could be an erasure's; refuse anything else as unknown."""
    if not is_erasure_id(erasure_id):
        raise UnknownWorkflow
    return erasure_id


_LONGEST = 100
"""How much of what isn't an object ID is shown."""
