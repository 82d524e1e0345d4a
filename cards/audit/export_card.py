"""What an export's message says once its file is built, and once it is uploaded."""

from datetime import datetime

from cards.kit.elements import Content
from cards.kit.notice import notice
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.languages.texts import say, say_count


def file_built_card(workflows: int) -> Content:
    """Say that the file can be accepted, in the message below."""
    said = say_count(
        "The file is built, from {count} request or rotation. Accept it below.",
        "The file is built, from {count} requests and rotations. Accept it below.",
        workflows,
    )
    return notice(said, Tone.GOOD)


def reads_built_card(reads: int, *, is_whole: bool) -> Content:
    """Say that the file with single reads can be accepted, and whether it has all of them."""
    said = say_count(
        "The file is built: the vaults' log shows {count} read so far. Accept it below.",
        "The file is built: the vaults' log shows {count} reads so far. Accept it below.",
        reads,
    )
    if is_whole:
        return notice(said, Tone.GOOD)
    return notice(f"{said} {say('Not all of them are in it.')}", Tone.WARNING)


def file_uploaded_card(name: str, *, another_follows: bool = False) -> Content:
    """Say that the file is in the person's OneDrive; its link is in the message below."""
    if another_follows:
        said = say("{name} is uploaded. It isn't everything: the next file follows.", name=name)
        return notice(said, Tone.GOOD)
    return notice(say("{name} is uploaded.", name=name), Tone.GOOD)


def contents_of(
    workflows: int,
    *,
    number: int = 1,
    opened: tuple[datetime, datetime] | None = None,
    is_last: bool = True,
) -> str:
    """Say what is in a file; ``opened`` is from when to when, if there are several files."""
    if opened is None:
        return say_count(
            "{count} request or rotation with all its events",
            "{count} requests and rotations with all their events",
            workflows,
        )
    since, until = utc(opened[0]), utc(opened[1])
    if is_last:
        return say_count(
            "File {number}, the last: {count} request or rotation, opened from {since} to {until}",
            "File {number}, the last: {count} requests and rotations, opened from {since} to "
            "{until}",
            workflows,
            number=number,
            since=since,
            until=until,
        )
    return say_count(
        "File {number}: {count} request or rotation, opened from {since} to {until}; "
        "older ones follow",
        "File {number}: {count} requests and rotations, opened from {since} to {until}; "
        "older ones follow",
        workflows,
        number=number,
        since=since,
        until=until,
    )
