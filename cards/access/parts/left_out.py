"""What approvers left out of a request, and who did."""

from microsoft_teams.cards import CardElement

from cards.kit import text
from cards.kit.elements import Field, paragraph, run
from cards.languages.texts import listed, say
from domain.access.request import Request


def left_out_fields(request: Request) -> list[Field]:
    """Draw what was left out; empty if nothing was."""
    said = describe_left_out(request)
    return [Field(say("Left out"), said)] if said else []


def left_out_line(request: Request) -> list[CardElement]:
    """Draw the same as a line of a list."""
    said = describe_left_out(request)
    return (
        [paragraph(run(say("Left out: {secrets}", secrets=said)), spacing="None")] if said else []
    )


def describe_left_out(request: Request) -> str:
    """Return what was left out, and by whom: ``a and b, by Ada; c, by Bo``."""
    by: dict[str, list[str]] = {}
    for one in request.left_out:
        by.setdefault(text.name_of(one.by), []).append(text.id_of(one.target.secret))
    return "; ".join(
        say("{secrets}, by {name}", secrets=secrets, name=name) for name, secrets in by.items()
    )


def names_left_out(request: Request) -> str:
    """Name what was left out."""
    return listed([text.id_of(one.target.secret) for one in request.left_out])
