"""The table of clicks: which handler serves which verb."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Protocol

from bot.turn import Click, Turn
from cards.kit.verbs import VERBS
from domain.refusals.decisions import UnknownRequest

ClickHandler = Callable[[Turn, Click], Awaitable[None]]


class ServesClicks(Protocol):
    """Handlers that serve clicks."""

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve, each with what serves it."""


class ClickTable:
    """Finds the handler of a click; raises ValueError when it is made if a verb is amiss."""

    def __init__(self, handlers: Iterable[ServesClicks]) -> None:
        self._served: dict[str, ClickHandler] = {}
        for each in handlers:
            for verb, serve in each.clicks.items():
                if verb not in VERBS:
                    raise ValueError(f"{verb} is not among the verbs of cards/kit/verbs.py")
                if verb in self._served:
                    raise ValueError(f"{verb} is served by two handlers")
                self._served[verb] = serve
        if unserved := VERBS - self._served.keys():
            raise ValueError(f"no handler serves {', '.join(sorted(unserved))}")

    async def serve(self, turn: Turn) -> None:
        """Serve the click of a turn; an unknown verb is refused like an unknown request."""
        click = turn.click
        serve = self._served.get(click.verb)
        if serve is None:
            raise UnknownRequest
        await serve(turn, click)
