"""What the form for break-glass access has of its own; the rest is the request form's."""

from microsoft_teams.cards import CardElement, Container, ExecuteAction

from cards.kit import verbs
from cards.kit.elements import Field, caption, fields, header
from cards.kit.tone import Tone
from cards.languages.texts import say


def emergency_header() -> Container:
    """Draw the band at the top."""
    status = say("Why do you need it now, and for how long?")
    return header(say("Break-glass access"), status, Tone.WARNING)


def reviewed_by(approvers: str) -> list[CardElement]:
    """Draw who reviews it, and what happens at once."""
    return [
        *fields([Field(say("Reviewed afterwards by"), approvers)]),
        caption(
            say("You get access at once. Approvers and admins get a message, with your reason."),
            "Medium",
        ),
    ]


def take_access(form_id: str) -> ExecuteAction:
    """Draw the button that sends the form."""
    return ExecuteAction(
        title=say("Get access now"),
        verb=verbs.SUBMIT,
        data={verbs.FORM: form_id},
        style="positive",
    )
