"""Handle an admin's answer about a policy file that waits."""

from collections.abc import Mapping

from bot.handlers.clicks import ClickHandler
from bot.turn import Click, Turn
from cards.kit import verbs
from cards.kit.notice import notice
from cards.kit.tone import Tone
from cards.languages.texts import say
from services.people.admins import Admins
from services.policy_file.answers import PolicyFileAnswers


class PolicyFileHandlers:
    """Handle clicks about the policy file, for admins only; refusals are raised to the caller."""

    def __init__(self, answers: PolicyFileAnswers, admins: Admins) -> None:
        self._answers = answers
        self._admins = admins

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {verbs.POLICY_ACCEPT: self.accept, verbs.POLICY_REJECT: self.reject}

    async def accept(self, turn: Turn, click: Click) -> None:
        """Put the file in force that the card is about."""
        await self._admins.require(turn.actor)
        await self._answers.accept(turn.actor, click.text(verbs.DIGEST))
        said = say(
            "You accepted the policy file. Its rules are in force on every replica within seconds."
        )
        await turn.show(notice(said, Tone.GOOD))

    async def reject(self, turn: Turn, click: Click) -> None:
        """Keep the previous rules."""
        await self._admins.require(turn.actor)
        await self._answers.reject(turn.actor, click.text(verbs.DIGEST))
        said = say("You rejected the policy file. The previous rules stay in force.")
        await turn.show(notice(said, Tone.QUIET))
