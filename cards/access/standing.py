"""Describe what someone can read without a grant, so an approver can judge the request."""

from microsoft_teams.cards import CardElement

from cards.access.scope import describe_role
from cards.kit import text
from cards.kit.elements import Named, Sentence, rich_text
from domain.access.request import Request, StandingPermission
from domain.names import listed
from domain.people import Person

_KINDS = {
    "secrets": "the secret",
    "vaults": "the vault",
    "resourcegroups": "the resource group",
    "subscriptions": "the subscription",
    "managementgroups": "the management group",
}


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
    return f"{describe_role(role)} on {_where(scope)}"


def _what(request: Request, secrets: list[str]) -> str:
    return "this" if len(request.asked_for) == 1 else listed([text.id_of(one) for one in secrets])


def can_read(who: Person, role: StandingPermission, what: str) -> Sentence:
    """Say what someone can already read, through which role."""
    by_group = ", through a group" if role.by_group else ""
    return (
        Named(text.name_of(who)),
        f" can already read {what}: ",
        Named(describe_standing(role.role, role.scope)),
        f"{by_group}.",
    )


def _where(scope: str) -> str:
    *_, kind, name = ["", "", *scope.strip("/").split("/")]
    if not name:
        return "the whole tenant"
    return f"{_KINDS.get(kind.lower(), 'the resource')} {text.id_of(name)}"
