"""Questions that a message asks once, with buttons for the answers."""

from collections.abc import Callable

from bot.turn import Card, Turn


async def answered(turn: Turn, draw: Callable[[], Card]) -> None:
    """Show how a question was answered, to everybody who sees it: nobody answers it again."""
    await turn.show(draw())
    await turn.update_clicked(draw)
