"""What takes the place of a request's card while nobody knows if the request was stored."""

from cards.kit.elements import Content
from cards.kit.notice import notice
from cards.kit.tone import Tone
from cards.languages.texts import say


def not_known_if_requested() -> Content:
    """Ask the person to wait: a repeated line would be a second request.

    Two minutes are more than ``domain.unknown_outcome`` gives any request to Azure.
    """
    sentence = say(
        "Table Storage didn't answer, so I don't know yet if your request was stored. If it was, "
        "its card appears here within two minutes. If it doesn't, please ask again."
    )
    return notice(sentence, Tone.WARNING)
