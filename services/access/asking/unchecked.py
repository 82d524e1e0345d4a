"""Records of requests that got nowhere: they say what was asked for, and nothing else."""

from datetime import datetime, timedelta

from domain.access.request import Request, RequestDraft, RequestState
from domain.access.rules.policy import LONGEST_JUSTIFICATION
from domain.access.rules.request_rules import distinct
from domain.access.target import Target
from domain.access.terms import Terms
from domain.people import Actor, Person
from domain.secrets import is_secret_name
from domain.typed import shortened
from services.policies import Policies


def unchecked(
    policies: Policies, actor: Actor, draft: RequestDraft, whom: Person | None, now: datetime
) -> Request:
    """Return what was asked for as a request without a role, a scope and approvers.

    Without a duration that can be read, its window is zero, which no real one is. ``whom`` it was
    for is its beneficiary if they have an object ID.
    """
    vaults = {name: policies.vault_of(name) for name in distinct(draft.secrets)}
    return Request(
        id=draft.request_id,
        state=RequestState.PENDING,
        requester=actor,
        targets=tuple(
            Target(secret=name, vault=vault.name, vault_url=vault.url, role="", scope="")
            for name, vault in vaults.items()
            if is_secret_name(name)
        ),
        justification=shortened(draft.justification.strip(), LONGEST_JUSTIFICATION),
        window=draft.window or timedelta(),
        requested_at=now,
        lapses_at=now,
        terms=Terms(approvers=(), min_approvals=1),
        asked_in=draft.asked_in,
        beneficiary=whom if whom and whom.object_id else None,
        unknown_grantee=whom.name if whom and not whom.object_id else "",
    )
