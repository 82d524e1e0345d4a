"""What is said in the same words wherever the vaults' log is."""

from collections.abc import Sequence

from cards.kit import text
from cards.languages.texts import listed, say


def no_read() -> str:
    """Say that the log shows none, which isn't that there was none."""
    return say("There is no read in the vault's log.")


def named(vaults: Sequence[str]) -> str:
    """Name the vaults that the log has nothing of."""
    return listed([text.line(vault, text.LONGEST_NAME) for vault in vaults])
