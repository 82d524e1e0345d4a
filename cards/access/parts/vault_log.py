"""What is said in the same words wherever the vaults' log is."""

from collections.abc import Sequence
from datetime import datetime

from cards.kit import text
from cards.kit.times import utc
from cards.languages.texts import listed, say, say_count

_LONGEST_OPERATION = 24


def no_read_so_far() -> str:
    """Say that the log shows none now, which isn't that there was none."""
    return say("The vault's log shows no read so far, which doesn't prove that there was none.")


def no_read_at(asked_at: datetime | None) -> str:
    """Say that the log showed none when it was asked, if that is on record."""
    if asked_at is None:
        return say("The vault's log showed no read, which doesn't prove that there was none.")
    return say(
        "On {time}, the vault's log showed no read, which doesn't prove that there was none.",
        time=utc(asked_at),
    )


def by_other_role(count: int) -> str:
    """Say how many reads weren't the grant's doing."""
    return say_count(
        "{count} of them was allowed by another role assignment, not by this grant's.",
        "{count} of them were allowed by another role assignment, not by this grant's.",
        count,
    )


def by_others(count: int) -> str:
    """Say how many reads under the grant the log has without the holder as the caller."""
    return say_count(
        "{count} of them has another caller in the log, or none.",
        "{count} of them have another caller in the log, or none.",
        count,
    )


def of_other_secrets(count: int) -> str:
    """Say how many reads were of what wasn't asked for."""
    return say_count(
        "{count} of them was of a secret that wasn't requested: the grant opened the whole vault.",
        "{count} of them were of secrets that weren't requested: the grant opened the whole vault.",
        count,
    )


def incomplete() -> str:
    """Say that there may be more than the log answered."""
    return say("The log's answer was incomplete, so reads may be missing.")


def operation(name: str) -> str:
    """Return Key Vault's name for an operation, cleaned."""
    return written(name, _LONGEST_OPERATION)


def written(name: str, longest: int) -> str:
    """Return what the log has written, cleaned: Key Vault's names and IDs are all ASCII."""
    return text.line(name.encode("ascii", "replace").decode(), longest)


def named(vaults: Sequence[str]) -> str:
    """Name the vaults that the log has nothing of."""
    return listed([written(vault, text.LONGEST_NAME) for vault in vaults])
