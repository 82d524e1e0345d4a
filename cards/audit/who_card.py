"""Ask which of several people was meant."""

from collections.abc import Sequence

from microsoft_teams.cards import Action, CardElement

from cards.kit import text
from cards.kit.elements import Content, caption, card, header, paragraph, run
from cards.kit.run_button import run_button
from cards.kit.tone import Tone
from cards.languages.texts import say, say_count
from domain.people import Person

MOST = 6
"""The most buttons that Teams shows on a card."""


def who_card(people: Sequence[Person], last: str) -> Content:
    """Draw a numbered name for each person, with a button that shows their history.

    ``last`` is the typed period, such as ``7d``. A button's title is never a name.
    """
    body: list[CardElement] = [header(say("History"), say("Who do you mean?"), Tone.INFO)]
    actions: list[Action] = []
    since = ["last", text.line(last, 40)] if last else []
    for number, person in enumerate(people[:MOST], 1):
        body.append(paragraph(run(f"{number}. {text.name_of(person)}", bold=True)))
        command = " ".join(["history", f"@{person.object_id}", *since])
        actions.append(run_button(say("Show {number}", number=number), command))
    if len(people) > MOST:
        more = say_count(
            "There is {count} more. Type more of the name.",
            "There are {count} more. Type more of the name.",
            len(people) - MOST,
        )
        body.append(caption(more))
    return card(body, actions)
