"""Show the grantee how to read the secret, with their own identity."""

from microsoft_teams.cards import CardElement, Container, OpenUrlAction

from cards.access.parts.reading import cli_line, portal_link
from cards.kit import text
from cards.kit.elements import caption, paragraph, run
from cards.kit.times import local
from cards.languages.texts import say
from domain.access.request import Request
from domain.access.target import Target


def how_to_read(request: Request) -> list[CardElement]:
    """Draw the commands that print the values, one line per secret."""
    expires_at = request.granted.expires_at
    own_sign_in = say("Read it with your own sign-in")
    if len(request.targets) > 1:
        own_sign_in = say("Read them with your own sign-in")
    return [
        *(
            [caption(say("That is {moment} your local time.", moment=local(expires_at)), "Small")]
            if expires_at
            else []
        ),
        Container(
            style="emphasis",
            spacing="Medium",
            items=[caption(own_sign_in), *(_command(request, one) for one in request.targets)],
        ),
        caption(
            say(
                "It can take a few minutes until access works everywhere in Azure. If a read is "
                "refused, try again. The value never passes through this bot."
            ),
            "Medium",
        ),
    ]


def portal_buttons(request: Request) -> list[OpenUrlAction]:
    """Draw the link to the secret's page; with several secrets, each command has its own link."""
    if len(request.targets) > 1:
        return []
    link = _portal_link(request, request.targets[0])
    return [OpenUrlAction(title=say("Open in the Azure portal"), url=link)]


def _command(request: Request, target: Target) -> CardElement:
    command = run(
        cli_line(text.id_of(target.vault), text.id_of(target.secret)), mono=True, size="Small"
    )
    if len(request.targets) == 1:
        return paragraph(command, spacing="Small")
    portal = run(say("Azure portal"), size="Small", color="Accent")
    portal.select_action = OpenUrlAction(url=_portal_link(request, target))
    return paragraph(command, run("  "), portal, spacing="Small")


def _portal_link(request: Request, target: Target) -> str:
    secret = text.id_of(target.secret)
    return portal_link(request.requester.tenant_id, target.vault_url, secret)
