"""What is offered in answer to a line that isn't understood."""

from collections.abc import Sequence
from dataclasses import dataclass

from microsoft_teams.cards import Action, CardElement, Container

from cards.kit import text
from cards.kit.elements import Content, card, paragraph, run
from cards.kit.run_button import run_button
from cards.kit.tone import Tone
from cards.languages.texts import say
from cards.operations.usages import usage_of

_LONGEST_ECHO = 40
_LONGEST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Offer:
    """A line that a button runs; ``title`` is our own text, and empty for a typed line."""

    line: str
    title: str = ""


def suggestion_card(typed: str, form: str | None, offers: Sequence[Offer]) -> Content:
    """Draw the nearest command, as it is typed, with a button for each line that it offers.

    The button's title is never a typed text: that is shown above it.
    """
    unread = say("I don't understand “{line}”.", line=text.line(typed[:_LONGEST_ECHO]))
    meant = (
        say("Did you mean: {form}", form=usage_of(form))
        if form
        else say("Type help to see what I can do.")
    )
    items: list[CardElement] = [paragraph(run(f"{unread} {meant}"))]
    items += [
        paragraph(run(text.line(offer.line, _LONGEST_SHOWN), mono=True), spacing="Small")
        for offer in offers
        if offer.title != offer.line
    ]
    band = Container(style=Tone.QUIET.value, bleed=True, items=items)
    return card([band], [_button(offer) for offer in offers])


def ran(line: str) -> str:
    """Say that a button ran a line, whose answer is a message of its own."""
    return say("I ran “{line}”. The answer is below.", line=text.line(line, _LONGEST_SHOWN))


def _button(offer: Offer) -> Action:
    return run_button(offer.title or say("Run this command"), offer.line)
