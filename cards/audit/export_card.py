"""What an export's message says once its file is built, and once it is uploaded."""

from cards.kit.elements import Content
from cards.kit.notice import notice
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


def file_uploaded_card(name: str) -> Content:
    """Say that the file is in the person's OneDrive; its link is in the message below."""
    return notice(say("{name} is uploaded.", name=name), Tone.GOOD)
