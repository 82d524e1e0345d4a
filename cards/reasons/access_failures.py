"""Why access wasn't granted, or couldn't be revoked.

The secrets concerned are named, unless it's all of them.
"""

from collections.abc import Mapping

from cards.languages.texts import listed, say, say_as
from cards.reasons.filling import Filled, Text, if_known, with_advice
from domain.phrases import mark


def _assignment_locked(failure: Filled) -> str:
    names = failure.names("secrets")
    known = failure.names("scopes")
    where = failure.fill("{scopes:places}") if known else say_as("where", "the vault")
    if not names:
        return say(
            "A resource lock on {where} keeps Azure from creating the role assignment. "
            "An admin has to look into it.",
            where=where,
        )
    return say(
        "A resource lock on {where} keeps Azure from creating the role assignment for {secrets}. "
        "An admin has to look into it.",
        where=where,
        secrets=listed(names),
    )


ACCESS_FAILURES: Mapping[str, Text] = {
    "approvals_no_longer_count": if_known(
        "approvers",
        with_advice(
            mark(
                "The policy or its approvers have changed since the approval from {approvers}, "
                "so there are too few approvals now."
            ),
            mark("Ask again."),
        ),
        with_advice(
            mark(
                "The policy or its approvers have changed since the approval, so there are too "
                "few approvals now."
            ),
            mark("Ask again."),
        ),
    ),
    "drill_closed": mark("An admin closed it, and Azure hasn't confirmed that the access is gone."),
    "drill_shared": mark(
        "Somebody's access uses the same role assignment, so it wasn't taken away. "
        "Nobody should be able to request the secret for this principal."
    ),
    "drill_gone_before": mark("Somebody else took the access away before its end."),
    "drill_late": mark("The access was gone only {late:duration} after its end."),
    "start_not_checked": with_advice(
        mark(
            "At the start, the approval and the people are checked again. That didn't work "
            "within {within:duration}: a service didn't answer, or didn't let Latchkey ask."
        ),
        mark("Ask again."),
    ),
    "start_missed": mark(
        "Latchkey couldn't start it on {at:minute}, and by now the time that was asked for is over."
    ),
    "assignment_exists": if_known(
        "secrets",
        mark("Access to {secrets} already exists, assigned by someone else. It was left as it is."),
        mark("This access already exists, assigned by someone else. It was left as it is."),
    ),
    "assignment_refused": if_known(
        "secrets",
        mark(
            "Azure refused to create the role assignment for {secrets}. "
            "An admin has to look into it."
        ),
        mark("Azure refused to create the role assignment. An admin has to look into it."),
    ),
    "assignment_locked": _assignment_locked,
    "assignment_limit_reached": if_known(
        "secrets",
        mark(
            "This subscription has no room for another role assignment for {secrets}: Azure allows "
            "4,000. An admin has to remove some that are no longer needed."
        ),
        mark(
            "This subscription has no room for another role assignment: Azure allows 4,000. "
            "An admin has to remove some that are no longer needed."
        ),
    ),
    "earlier_access_ends": if_known(
        "secrets",
        with_advice(
            mark(
                "The same access from an earlier request for {secrets} is still being revoked, "
                "and hadn't ended within {within:duration}."
            ),
            mark("Ask again once it has ended."),
        ),
        with_advice(
            mark(
                "The same access from an earlier request is still being revoked, and hadn't "
                "ended within {within:duration}."
            ),
            mark("Ask again once it has ended."),
        ),
    ),
    "assignment_not_permitted_in_time": if_known(
        "secrets",
        mark(
            "Azure didn't let me create the role assignment for {secrets} within "
            "{within:duration}: I don't have permission. An admin has to look into it."
        ),
        mark(
            "Azure didn't let me create the role assignment within {within:duration}: "
            "I don't have permission. An admin has to look into it."
        ),
    ),
    "assignment_not_made_in_time": if_known(
        "secrets",
        mark("The role assignment for {secrets} wasn't created within {within:duration}."),
        mark("The role assignment wasn't created within {within:duration}."),
    ),
    "too_few_approvers_today": mark(
        "By today's rules, too few people can approve access to {secret}; who asks for it and who "
        "gets it don't count. An admin has to check the approvers."
    ),
    "too_few_approve_all_today": mark(
        "By today's rules, too few people can approve all of {secrets}."
    ),
    "no_common_window_today": mark(
        "By today's rules, no duration is allowed for all of {secrets}."
    ),
    "not_allowed_today": if_known(
        "whom",
        mark("Today's rules no longer let {name} ask for access to {secret} for {whom}."),
        mark("Today's rules no longer let {name} have access to {secret}."),
    ),
    "not_requestable_today": mark("Today's rules no longer let anyone request {secret}."),
    "not_confirmed_today": with_advice(
        mark(
            "By today's rules, {name} has to confirm such a request with a fresh sign-in, and this "
            "one wasn't confirmed as they ask."
        ),
        mark("Ask again."),
    ),
    "nothing_granted": mark("{parts} Nothing was granted."),
    "grant_stopped": mark("{parts} Latchkey stopped trying to grant it."),
    "vault_without_rbac": mark(
        "The {scope:place} doesn't use Azure RBAC, so a role assignment "
        "would give no access to its secrets."
    ),
    "locked_read_only": mark(
        "The {scope:place} has the lock '{lock}' ({level}), "
        "so access can be neither granted nor revoked."
    ),
    "locked_against_deletion": mark(
        "The {scope:place} has the lock '{lock}' ({level}), so access couldn't be revoked again."
    ),
}
