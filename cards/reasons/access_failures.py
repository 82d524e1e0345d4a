"""Why access wasn't granted, or couldn't be revoked."""

from collections.abc import Mapping

from cards.reasons.filling import Filled, Text
from domain.names import listed


def _which(failure: Filled) -> str:
    """Name the secrets concerned, unless it's all of them."""
    names = failure.names("secrets")
    return f" for {listed(names)}" if names else ""


def _assignment_exists(failure: Filled) -> str:
    names = failure.names("secrets")
    what = f"Access to {listed(names)}" if names else "This access"
    return (
        f"{what} already exists, assigned by someone else. "
        "It was left as it is, and nothing was added."
    )


def _assignment_refused(failure: Filled) -> str:
    which = _which(failure)
    return f"Azure refused to create the role assignment{which}. An admin has to look into it."


def _assignment_locked(failure: Filled) -> str:
    where = failure.fill("{scopes:places}") if failure.names("scopes") else "the vault"
    which = _which(failure)
    return (
        f"A resource lock on {where} keeps Azure from creating the role assignment{which}. "
        "An admin has to look into it."
    )


def _assignment_limit_reached(failure: Filled) -> str:
    which = _which(failure)
    return (
        f"This subscription has no room for another role assignment{which}: Azure allows 4,000. "
        "An admin has to remove some that are no longer needed."
    )


def _earlier_access_ends(failure: Filled) -> str:
    within, which = failure.fill("{within:duration}"), _which(failure)
    return (
        f"The same access from an earlier request{which} is still being revoked, and hadn't ended "
        f"within {within}. Ask again once it has ended."
    )


def _not_permitted_in_time(failure: Filled) -> str:
    within, which = failure.fill("{within:duration}"), _which(failure)
    return (
        f"Azure didn't let me create the role assignment{which} within {within}: "
        "I don't have permission. An admin has to look into it."
    )


def _not_made_in_time(failure: Filled) -> str:
    within, which = failure.fill("{within:duration}"), _which(failure)
    return f"Azure didn't create the role assignment{which} within {within}."


def _approvals_no_longer_count(failure: Filled) -> str:
    names = failure.names("approvers")
    whose = f" from {listed(names)}" if names else ""
    return (
        f"The policy or its approvers have changed since the approval{whose}, so there are too few "
        "approvals now. Ask again."
    )


ACCESS_FAILURES: Mapping[str, Text] = {
    "approvals_no_longer_count": _approvals_no_longer_count,
    "start_not_checked": (
        "At the start, the approval and the people are checked again. That didn't work within "
        "{within:duration}, because a service didn't answer. Ask again."
    ),
    "start_missed": (
        "Latchkey couldn't start it at {at:minute}, and by now the time that was asked for is over."
    ),
    "assignment_exists": _assignment_exists,
    "assignment_refused": _assignment_refused,
    "assignment_locked": _assignment_locked,
    "assignment_limit_reached": _assignment_limit_reached,
    "earlier_access_ends": _earlier_access_ends,
    "assignment_not_permitted_in_time": _not_permitted_in_time,
    "assignment_not_made_in_time": _not_made_in_time,
    "nothing_granted": "{parts} Nothing was granted.",
    "vault_without_rbac": (
        "The {scope:place} doesn't use Azure RBAC, so a role assignment "
        "would give no access to its secrets."
    ),
    "locked_read_only": (
        "The {scope:place} has the lock '{lock}' ({level}), "
        "so access can be neither granted nor revoked."
    ),
    "locked_against_deletion": (
        "The {scope:place} has the lock '{lock}' ({level}), so access couldn't be revoked again."
    ),
}
