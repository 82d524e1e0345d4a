"""Describe what someone can read without a grant, so an approver can judge the request."""

from microsoft_teams.cards import CardElement

from cards.access.parts.scope import describe_role
from cards.kit import text
from cards.kit.elements import Named, Sentence, rich_text
from cards.kit.sentences import sentence
from cards.languages.texts import listed, say
from domain.access.request import Request
from domain.access.target import StandingPermission
from domain.people import Person
from domain.phrases import mark

_KINDS = {
    "secrets": mark("{role} on the secret {name}"),
    "vaults": mark("{role} on the vault {name}"),
    "resourcegroups": mark("{role} on the resource group {name}"),
    "subscriptions": mark("{role} on the subscription {name}"),
    "managementgroups": mark("{role} on the management group {name}"),
}
_ANY_KIND = mark("{role} on the resource {name}")


def standing_access(request: Request) -> list[CardElement]:
    """Draw what the grantee can already read; empty if nothing was found."""
    by_role: dict[tuple[str, str, bool], list[str]] = {}
    for one in request.standing:
        by_role.setdefault((one.role, one.scope, one.by_group), []).append(one.secret)
    return [
        rich_text(can_read(request.holder, StandingPermission("", *role), _what(request, secrets)))
        for role, secrets in by_role.items()
    ]


def describe_standing(role: str, scope: str) -> str:
    """Return a role and its scope: ``Key Vault Secrets User on the resource group demo-rg``."""
    shown = describe_role(role)
    *_, kind, name = ["", "", *scope.strip("/").split("/")]
    if not name:
        return say("{role} on the whole tenant", role=shown)
    return say(_KINDS.get(kind.lower(), _ANY_KIND), role=shown, name=text.id_of(name))


def _what(request: Request, secrets: list[str]) -> str:
    return "" if len(request.asked_for) == 1 else listed([text.id_of(one) for one in secrets])


def can_read(who: Person, through: StandingPermission, secrets: str = "") -> Sentence:
    """Say through which role someone can already read the requested secret, or these ones."""
    named, role = Named(text.name_of(who)), Named(describe_standing(through.role, through.scope))
    match bool(secrets), through.by_group:
        case False, False:
            return sentence("{who} can already read this: {role}.", who=named, role=role)
        case False, True:
            return sentence(
                "{who} can already read this: {role}, through a group.", who=named, role=role
            )
        case True, False:
            return sentence(
                "{who} can already read {secrets}: {role}.", who=named, secrets=secrets, role=role
            )
        case _:
            return sentence(
                "{who} can already read {secrets}: {role}, through a group.",
                who=named,
                secrets=secrets,
                role=role,
            )
