"""What an export's message says once its file is built, and once it is uploaded."""

from cards.kit.elements import Content
from cards.kit.notice import notice
from cards.kit.tone import Tone


def file_built_card(workflows: int) -> Content:
    """Say that the file can be accepted, in the message below."""
    count = f"{workflows:,} requests and rotations" if workflows != 1 else "1 request or rotation"
    return notice(f"The file is built, from {count}. Accept it below.", Tone.GOOD)


def file_uploaded_card(name: str) -> Content:
    """Say that the file is in the person's OneDrive; its link is in the message below."""
    return notice(f"{name} is uploaded.", Tone.GOOD)
