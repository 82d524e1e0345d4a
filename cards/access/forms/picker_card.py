"""Ask which secret to request."""

from collections.abc import Sequence

from microsoft_teams.cards import CardElement, Choice, ChoiceSetInput, ExecuteAction

from cards.kit import text, verbs
from cards.kit.elements import Content, caption, card, header, paragraph, quote, run
from cards.kit.tone import Tone
from cards.languages.texts import listed, say, say_as, say_count

_MOST = 150
"""So that the longest names still fit into a message of 28 KB."""
_MOST_CHARACTERS = 8_000
_MOST_PATTERNS = 5


def picker_card(
    had: Sequence[str], others: Sequence[str], patterns: Sequence[str], more: str
) -> Content:
    """Draw the list of secrets; ``more`` is what was typed about the request without a name.

    The names are secrets' names, which have letters, digits and hyphens only.
    """
    body: list[CardElement] = [header(say("Request access"), say("Which secret?"), Tone.INFO)]
    names = [*had, *others]
    if not names and not patterns:
        body.append(paragraph(run(say("No secrets can be requested here yet. Ask an admin."))))
        return card(body)
    shown = _that_fit(names)
    if shown:
        body.append(_choices(shown))
    if text.lines(more):
        body.append(quote(say("You typed"), more))
    if left := len(names) - len(shown):
        there_are = say_count(
            "There is {count} more. Type its name.",
            "There are {count} more. Type their names.",
            left,
        )
        body.append(caption(there_are))
    if patterns:
        like = listed([text.id_of(one) for one in patterns[:_MOST_PATTERNS]])
        body.append(paragraph(run(say("You can also type a name like {patterns}.", patterns=like))))
    body.append(caption(say("Or type: request secret NAME"), "Medium"))
    return card(body, [_pick(more)] if shown else [])


def _that_fit(names: Sequence[str]) -> list[str]:
    shown: list[str] = []
    size = 0
    for name in names[:_MOST]:
        size += 2 * len(name)
        if size > _MOST_CHARACTERS:
            break
        shown.append(name)
    return shown


def _choices(names: Sequence[str]) -> ChoiceSetInput:
    return ChoiceSetInput(
        id=verbs.PICKED,
        label=say("Secret"),
        placeholder=say("Search by name"),
        style="filtered",
        is_required=True,
        error_message=say("Choose a secret."),
        choices=[Choice(title=name, value=name) for name in names],
        spacing="Medium",
    )


def _pick(more: str) -> ExecuteAction:
    data = {verbs.LINE: text.typed(more, verbs.LONGEST_LINE)} if more else {}
    return ExecuteAction(
        title=say_as("button", "Next"), verb=verbs.PICK, data=data, style="positive"
    )
