"""Say in a channel or group that the request form is in the person's own chat."""

from cards.kit.elements import Content
from cards.kit.mention import with_mentions
from cards.kit.notice import notice
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.people import Person
from domain.phrases import mark

FORM_SENT = mark("The form is in our own chat.")


def form_sent_card(person: Person, *, is_outcome_posted: bool = True) -> Content:
    """Draw the answer to a person who asked in a channel or group."""
    follows = (
        say("I've sent it to you there. The outcome will be posted here.")
        if is_outcome_posted
        else say("I've sent it to you there.")
    )
    return with_mentions(notice(say(FORM_SENT), Tone.INFO), [person], follows)
