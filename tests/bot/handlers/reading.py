"""Reading typed lines as the table of commands does."""

from collections.abc import Sequence
from time import process_time

from bot.handlers import command_table
from bot.handlers.lines.suggestions import Suggestions


def read_command(text: str, people: Sequence[str] = ()) -> object:
    """Return what a line means as its handler gets it; None for a line that isn't a command.

    ``people`` are those whom it mentions.
    """
    found = command_table.read(text, people)
    return found[1] if found else None


def seconds_to_read(text: str) -> float:
    """Return the processor time that a line takes, with the suggestion for one that isn't read."""
    began = process_time()
    if read_command(text) is None:
        Suggestions(command_table.COMMANDS, lambda _: False).of(text, in_channel=False)
    return process_time() - began
