"""Who could decide when something happened, as its event keeps it: they can be others later."""

from domain.access.request import Request
from domain.access.terms import Terms
from domain.names import joined, joined_ids
from domain.workflow import Fact


def facts_of_approvers(request: Request, terms: Terms) -> dict[str, Fact]:
    """Return the facts of who decides by these terms, without the people it is about."""
    named = terms.named.without(request.involved)
    facts: dict[str, Fact] = {
        "approvers": joined([one.name for one in named.people]),
        "approvers_ids": joined_ids(named.people),
    }
    if named.groups:
        facts["approver_groups"] = joined([one.name or one.object_id for one in named.groups])
    return facts
