"""The table of clicks is whole, or the bot doesn't start."""

from collections.abc import Mapping

import pytest

from bot.handlers.clicks import ClickHandler, ClickTable
from bot.turn import Click, Turn, TurnKind
from cards.kit import verbs
from domain.refusals.decisions import UnknownRequest
from tests.support.fake_turn import FakeTurn


class _Handlers:
    """Serve these verbs by remembering them."""

    def __init__(self, served: frozenset[str] | set[str]) -> None:
        self._verbs = served
        self.seen: list[str] = []

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        return dict.fromkeys(self._verbs, self._serve)

    async def _serve(self, turn: Turn, click: Click) -> None:
        del turn
        self.seen.append(click.verb)


def _click(verb: str) -> FakeTurn:
    return FakeTurn(kind=TurnKind.CLICK, click=Click(verb, {}))


async def test_a_click_reaches_the_handler_that_declares_its_verb() -> None:
    approvals = _Handlers({verbs.APPROVE, verbs.DENY})
    others = _Handlers(verbs.VERBS - {verbs.APPROVE, verbs.DENY})
    table = ClickTable([approvals, others])

    await table.serve(_click(verbs.DENY))

    assert approvals.seen == [verbs.DENY]
    assert others.seen == []


@pytest.mark.parametrize("verb", ["", "request.approve.twice", "form"])
async def test_an_unknown_verb_is_refused_like_an_unknown_request(verb: str) -> None:
    table = ClickTable([_Handlers(verbs.VERBS)])

    with pytest.raises(UnknownRequest):
        await table.serve(_click(verb))


def test_two_handlers_of_one_verb_keep_the_bot_from_starting() -> None:
    with pytest.raises(ValueError, match=r"request\.deny is served by two handlers"):
        ClickTable([_Handlers(verbs.VERBS), _Handlers({verbs.DENY})])


def test_a_verb_that_no_card_knows_keeps_the_bot_from_starting() -> None:
    with pytest.raises(ValueError, match=r"request\.shrug is not among the verbs"):
        ClickTable([_Handlers(verbs.VERBS | {"request.shrug"})])


def test_a_verb_without_a_handler_keeps_the_bot_from_starting() -> None:
    with pytest.raises(ValueError, match=r"no handler serves request\.deny"):
        ClickTable([_Handlers(verbs.VERBS - {verbs.DENY})])
