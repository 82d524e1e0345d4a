"""Handle the list of secrets that can be requested."""

import asyncio
from collections.abc import Mapping

from bot.handlers.access.requests import AccessHandlers
from bot.handlers.clicks import ClickHandler
from bot.handlers.lines.request_commands import RequestSecret
from bot.handlers.paging import paging, start_of
from bot.turn import Click, Turn
from cards.access.secrets_card import SecretRow, secrets_card
from cards.kit import verbs
from cards.kit.elements import Content
from domain.people import Actor
from domain.refusals.secrets import NotASecretName
from domain.secrets import is_secret_name
from services.access.asking.choices import SecretChoices
from services.access.requests import Access

_PAGE = 10


class SecretListHandlers:
    """Handle turns about that list; refusals are raised to the caller."""

    def __init__(self, access: Access, choices: SecretChoices, requests: AccessHandlers) -> None:
        self._access = access
        self._choices = choices
        self._requests = requests

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.SECRETS_PAGE: self.on_page,
            verbs.SECRETS_REQUEST: self.on_request,
        }

    async def show(self, turn: Turn) -> None:
        """Show what can be requested."""
        await turn.reply(await self._page(turn.actor, 0))

    async def on_page(self, turn: Turn, click: Click) -> None:
        """Show another page, or the list in place of another card."""
        await turn.show(await self._page(turn.actor, start_of(click)))

    async def on_request(self, turn: Turn, click: Click) -> None:
        """Open the form for a secret, as if its name had been typed."""
        secret = click.text(verbs.SECRET)
        if not is_secret_name(secret):
            raise NotASecretName
        await self._requests.request(turn, RequestSecret((secret,), None, None))

    async def _page(self, actor: Actor, start: int) -> Content:
        found = await self._access.requestable(start, _PAGE + 1)
        if start and not found:  # the rules have changed since the button was drawn
            return await self._page(actor, 0)
        shown = found[:_PAGE]
        may = await asyncio.gather(*(self._choices.may(actor, one.policy) for one in shown))
        rows = [
            SecretRow(one.policy.secret, one.policy.longest, one.approvers, may_ask=allowed)
            for one, allowed in zip(shown, may, strict=True)
        ]
        return secrets_card(rows, paging(start, _PAGE, start + len(found)))
