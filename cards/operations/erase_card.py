"""Ask whether to erase a person's name."""

from microsoft_teams.cards import Action, CardElement, ExecuteAction

from cards.kit import text, verbs
from cards.kit.elements import (
    Content,
    Field,
    caption,
    card,
    correlation,
    fields,
    header,
    paragraph,
    rich_text,
    run,
)
from cards.kit.message import person
from cards.kit.sentences import sentence
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.people import Person


def erase_card(who: Person, erasure_id: str) -> Content:
    """Draw what is erased and what stays, and ask for confirmation."""
    body: list[CardElement] = [
        header(say("Erase a name"), say("Erase this person's name?"), Tone.WARNING),
        rich_text(
            sentence(
                "The name and the email of {who} would be erased from requests, rotations, their "
                "events and the reports' figures. Only the object ID stays there, and everything "
                "can still be verified.",
                who=person(who),
            )
        ),
        *fields([Field(say("Object ID"), text.line(who.object_id))]),
        paragraph(run(say("What stays as it is:"), bold=True), spacing="Medium"),
        *(paragraph(run(f"• {one}"), spacing="Small") for one in _what_stays()),
        caption(
            say(
                "This can't be undone. Messages in the audit channel say when it begins and ends. "
                "Someone who goes on using Latchkey is named again."
            ),
            "Medium",
        ),
        correlation(erasure_id),
    ]
    return card(body, _buttons(who, erasure_id))


def _what_stays() -> list[str]:
    return [
        say("What people typed, such as justifications and notes, and the policy file"),
        say("Events that an older version wrote, also those in archived files"),
        say("Forms that somebody left open, until they open another one"),
        say("Messages in Teams, which follow the retention of Teams"),
        say("The logs of Azure"),
    ]


def _buttons(who: Person, erasure_id: str) -> list[Action]:
    data = {verbs.ERASURE: erasure_id, verbs.PERSON: who.object_id}
    return [
        ExecuteAction(title=say("Erase"), verb=verbs.ERASE, data=data, style="destructive"),
        ExecuteAction(title=say("Cancel"), verb=verbs.ERASE_CANCEL, data=data),
    ]
