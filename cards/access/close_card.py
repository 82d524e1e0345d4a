"""Ask whether to close overdue access although its removal isn't confirmed."""

from microsoft_teams.cards import Action, ExecuteAction

from cards.kit import text, verbs
from cards.kit.elements import (
    Content,
    Field,
    Sentence,
    caption,
    card,
    correlation,
    fields,
    header,
    quote,
    rich_text,
)
from cards.kit.message import person, secrets_of
from cards.kit.reason_input import reason_input
from cards.kit.sentences import sentence
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.access.request import Request
from domain.drill.drill import Drill
from domain.reconciliation.orphan import Orphan


def close_card(overdue: Request | Orphan | Drill, reason: str) -> Content:
    """Draw what closing it would mean, and ask for confirmation; ``reason`` is the typed one."""
    if isinstance(overdue, Drill):
        return close_card(overdue.access, reason)
    return card(
        [
            header(say("Overdue access"), say("Close this without removing it?"), Tone.WARNING),
            rich_text(_what(overdue)),
            *fields([Field(say("Should be gone since"), _since(overdue))]),
            *([quote(say("Last error"), overdue.cause)] if overdue.cause else []),
            reason_input(reason),
            caption(
                say(
                    "Latchkey stops trying to remove it. Close it only if that can never work, for "
                    "example because the subscription is gone or someone removed it by hand. If "
                    "the hourly check finds it later, Latchkey removes it after all."
                ),
                "Medium",
            ),
            correlation(overdue.id),
        ],
        _buttons(overdue),
    )


def _what(overdue: Request | Orphan) -> Sentence:
    if isinstance(overdue, Request):
        return sentence(
            "{who}'s access to {secrets} may still exist: Azure hasn't confirmed that it's gone.",
            who=person(overdue.holder),
            secrets=secrets_of(overdue),
        )
    return sentence(
        "The orphaned role assignment described as {description} may still exist: "
        "Azure hasn't confirmed that it's gone.",
        description=text.line(overdue.description),
    )


def _since(overdue: Request | Orphan) -> str:
    since = overdue.revoke_since if isinstance(overdue, Request) else overdue.found_at
    return utc(since) if since else say("not known")


def _buttons(overdue: Request | Orphan) -> list[Action]:
    data = {verbs.REQUEST: overdue.id}
    return [
        ExecuteAction(title=say("Close it"), verb=verbs.CLOSE, data=data, style="destructive"),
        ExecuteAction(title=say("Keep trying"), verb=verbs.KEEP_TRYING, data=data),
    ]
