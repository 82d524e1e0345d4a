"""How the request form starts, from what a person can ask for."""

from cards.kit.text import group_name_of
from dialogs.request_dialog import RequestOptions, RuleTerms
from services.access.asking.offers import RequestOffer


def form_options(
    request_id: str, offer: RequestOffer, time_zone: str, *, emergency: bool = False
) -> RequestOptions:
    """Return how the form for an offer starts, with nothing typed yet."""
    rules = offer.rules
    return RequestOptions(
        form_id=request_id,
        secrets=[one.secret for one in offer.policies],
        vaults=list(dict.fromkeys(one.vault.name for one in offer.policies)),
        approvers=[person.name for person in offer.deciders.named.people],
        groups=[group_name_of(group) for group in offer.deciders.named.groups],
        shortest_seconds=rules.shortest.total_seconds(),
        longest_seconds=rules.longest.total_seconds(),
        rules=[
            RuleTerms(required=rule.required, ticket=rule.ticket, hint=rule.hint)
            for rule in rules.justification
        ],
        for_whom=offer.beneficiary.object_id if offer.beneficiary else "",
        for_name=offer.beneficiary.name if offer.beneficiary else "",
        time_zone=time_zone,
        asked_in="",
        start_within_seconds=rules.start_within.total_seconds(),
        emergency=emergency,
    )
