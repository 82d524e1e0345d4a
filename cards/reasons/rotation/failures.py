"""Rotations: why a step failed."""

from collections.abc import Mapping

from cards.reasons.filling import Filled, Text
from domain.phrases import mark


def _setting_missing(failure: Filled) -> str:
    if failure.text("near"):
        return failure.fill(
            mark(
                "{subject} doesn't exist in the app (did you mean {near}?). To have it added, set "
                "create = true for this dependent in the policy file"
            )
        )
    return failure.fill(
        mark(
            "{subject} doesn't exist in the app. To have it added, set create = true for this "
            "dependent in the policy file"
        )
    )


FAILURES: Mapping[str, Text] = {
    "said_by_azure": "{cause}",
    "service_failed": "{service}: {cause}",
    "service_not_permitted": mark(
        "Latchkey doesn't have permission to do this: {service}: {cause}"
    ),
    "service_blocks_network": mark(
        "{service} doesn't accept Latchkey's network address: {cause}. Its firewall has to allow it"
    ),
    "service_not_permitted_yet": mark(
        "{service} still refuses this: {cause}. New permissions take a few minutes to take effect"
    ),
    "gone": mark("{subject}: {cause}; if it was deleted on purpose, retry"),
    "being_rotated": mark("{subject} is being rotated by {rotation_id}"),
    "setting_missing": _setting_missing,
    "setting_differs": mark("{subject} holds a different value than the secret's current version"),
    "setting_of_other_secret": mark("{subject} references a different secret"),
    "setting_of_other_version": mark(
        "{subject} is pinned to a version that can't be read or holds a different value"
    ),
    "setting_changed_by_others": mark(
        "{subject} was changed by someone else after the rotation started"
    ),
    "setting_without_new_version": mark(
        "{subject} doesn't hold the new version: nothing more is disabled or removed"
    ),
    "newcomers_with_old_value": mark(
        "these settings came into the rules after the rotation had started, and hold the old "
        "value: {dependents:commas}. The old version stays enabled"
    ),
    "newcomers_not_accepted": mark(
        "a policy file that waits for an admin names these settings, which may hold the old value: "
        "{dependents:commas}. Accept or reject the file. The old version stays enabled"
    ),
    "newcomers_not_known": mark(
        "the newest policy file has errors, so {subject} doesn't know which settings it adds, and "
        "they may hold the old value. Fix the file; a retry by an admin goes on without it"
    ),
    "rules_not_known": mark(
        "{subject} doesn't know yet which rules are in force, and so not what else this would "
        "affect"
    ),
    "setting_not_read_back": mark("{subject}: the setting doesn't read back as written"),
    "settings_not_read_back": mark("{subject}: the settings don't read back as written"),
    "settings_being_changed": mark("{subject}: its settings are being changed by {by}"),
    "settings_change_unanswered": mark(
        "{subject}: a settings change got no answer and may still be carried out"
    ),
    "app_gone": mark("{subject}: the app no longer exists; if it was deleted on purpose, retry"),
    "reference_to_bad_version": mark("{subject}: the reference still resolves to the bad version"),
    "reference_broken": mark(
        "{subject}: App Service can't resolve the reference: {status}; fix that and let it resolve "
        "again first"
    ),
    "reference_not_resolved": mark("{subject}: the reference isn't resolved: {status}"),
    "reference_version_unknown": mark(
        "{subject}: App Service doesn't say which version the reference resolves to"
    ),
    "reference_to_other_version": mark("{subject}: the reference resolves to a different version"),
    "unhealthy": mark("{subject}: the health check doesn't return 2xx"),
    "no_issuer": mark("{subject}: there is no issuer named {issuer}"),
    "no_dependent_kind": mark("{subject}: there is no kind of dependent named {kind}"),
    "wrong_options": "{subject}: {faults:semicolons}",
    "no_text_at_part": mark("{subject}: there is no text at its {part}, or more than one"),
    "part_not_replaceable": mark(
        "{subject}: the new value can't be put at its {part}: there is no text there, or the new "
        "one would have to be quoted in a connection string"
    ),
    "new_version_not_current": mark("{subject}: the new version isn't the current one"),
    "new_version_not_read_back": mark("{subject}: the new version can't be read back yet"),
    "version_by_others": mark("{subject}: someone else wrote version {version} in the meantime"),
    "credential_not_shown": mark("{subject} doesn't show the new version's credential yet"),
    "old_version_unreadable": mark(
        "{subject}: the old version {version} can't be read: {cause}; enable it, so that its value "
        "can be restored"
    ),
    "restore_unknown": mark("{subject}: the old value may already have been written"),
    "restore_not_shown": mark(
        "{subject}: the version from before the rotation still reads as current"
    ),
    "restore_not_read_back": mark("{subject}: the restored version can't be read back yet"),
    "restore_under_others": mark(
        "{subject}: someone else wrote version {version} in the meantime; to keep it, disable "
        "version {bad} and retry"
    ),
    "late_version_on_top": mark(
        "{subject}: version {version} of this rotation landed on top of version {theirs}, which "
        "someone else wrote; to keep theirs, write its value again, otherwise disable it; then "
        "retry"
    ),
    "old_value_again": mark("{subject} has its old value again: the old version stays enabled"),
    "successor_by_others": mark(
        "{subject}: someone else wrote version {version} in the meantime; if it doesn't need "
        "the old credential, retry"
    ),
    "no_usable_version": mark(
        "{subject}: the current version can't be read: {cause}; if it was disabled on purpose, "
        "retry"
    ),
    "old_version_current": mark("{subject}: the old version is current again"),
    "old_credential_current": mark("{subject}: the current version holds the old credential"),
    "new_credential_not_valid": mark(
        "{subject}: the credential in the new version isn't valid any more"
    ),
    "credential_not_valid": mark(
        "{subject}: the credential in the current version isn't valid; the old one is kept"
    ),
    "credential_not_retired": mark(
        "{subject}: {rotation_id} hasn't retired its old credential yet"
    ),
    "client_secret_not_accepted": mark("{subject} doesn't accept the new client secret: {code}"),
    "key_held_elsewhere": mark(
        "{subject}: {slot} would be regenerated, but another secret holds it: {secrets:commas}"
    ),
    "application_not_owned": mark(
        "{subject}: the bot isn't an owner of this application, so it can't make a client secret"
    ),
    "no_key_in_use": mark("{subject}: the secret holds neither of the account's keys"),
    "key_unchanged": mark("{subject}: {slot} still reads as before"),
    "other_connection_string": mark(
        "{subject}: the secret isn't a plain connection string of this account"
    ),
}
