"""Ask whether to abandon a rotation, and show what that would leave behind."""

from collections.abc import Sequence

from microsoft_teams.cards import Action, CardElement, ExecuteAction

from cards.kit import verbs
from cards.kit.elements import (
    Content,
    caption,
    card,
    correlation,
    header,
    paragraph,
    rich_text,
    run,
)
from cards.kit.reason_input import reason_input
from cards.kit.sentences import sentence
from cards.kit.tone import Tone
from cards.languages.texts import say, say_as
from cards.rotation.wording import note_of, rotated_secret
from domain.reasons import Reason
from domain.rotation.rotation import Rotation


def abandon_card(rotation: Rotation, left: Sequence[Reason], reason: str) -> Content:
    """Draw what abandoning a rotation would leave behind, and ask for confirmation."""
    body: list[CardElement] = [
        header(say("Secret rotation"), say("Abandon this rotation?"), Tone.WARNING),
        rich_text(
            sentence(
                "The rotation of {secret} would stop where it is now:",
                secret=rotated_secret(rotation),
            )
        ),
        *remains_section(left),
        reason_input(reason),
        caption(
            say(
                "Latchkey won't do anything more about it, and it can't be resumed. The secret can "
                "be rotated again. An audit message says who abandoned it, and why."
            ),
            "Medium",
        ),
        correlation(rotation.id),
    ]
    return card(body, _buttons(rotation))


def remains_section(left: Sequence[Reason]) -> list[CardElement]:
    """Draw how a rotation is left, sentence by sentence."""
    return [paragraph(run(f"• {note_of(reason)}"), spacing="Small") for reason in left]


def _buttons(rotation: Rotation) -> list[Action]:
    data = {verbs.ROTATION: rotation.id}
    return [
        ExecuteAction(
            title=say("Abandon"), verb=verbs.ROTATION_ABANDON, data=data, style="destructive"
        ),
        ExecuteAction(title=say_as("rotation", "Keep it"), verb=verbs.ROTATION_KEEP, data=data),
    ]
