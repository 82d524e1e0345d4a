"""The words of a rotation: why a step failed, what it did, and what a plan expects.

They follow a label or are followed by more text, so they have no full stop.
"""

from collections.abc import Mapping

from cards.reasons.filling import Filled, Text


def _setting_missing(failure: Filled) -> str:
    near = failure.text("near")
    meant = f" (did you mean {near}?)" if near else ""
    return failure.fill("{subject} doesn't exist in the app") + (
        f"{meant}. To have it added, set create = true for this dependent in the policy file"
    )


def _joined(notes: Filled) -> str:
    return "; ".join(notes.parts)


def _issued_by(note: Filled) -> str:
    return note.fill("{issuer}: {credential}" if note.text("credential") else "{issuer}")


def _version_written(note: Filled) -> str:
    return note.fill(
        "version {version}, expires {expires:date}" if note.text("expires") else "version {version}"
    )


def _client_secret(note: Filled) -> str:
    """Name a client secret as the portal does: its description, first characters and end."""
    hint = note.fill(" ({hint}…)") if note.text("hint") else ""
    ends = note.fill(", valid until {ends_at:date}") if note.text("ends_at") else ""
    return note.fill("{name}") + hint + ends


def _client_secrets_stay(note: Filled) -> str:
    more = note.fill("{more} more") if note.number("more") else ""
    named = "; ".join(filter(None, [*note.parts, more]))
    return f"Other client secrets of the application stay valid: {named}."


def _structure(obstacle: Filled) -> str:
    structures = {
        "json": ("JSON", 'field = "/…"'),
        "connection_string": ("a connection string", 'key = "…"'),
        "pem": ("a PEM file", ""),
        "pfx": ("a PFX file", ""),
    }
    what, how = structures.get(obstacle.text("structure"), ("a structure", ""))
    what_to_do = (
        f"name the part to rotate in the policy, with {how}"
        if how
        else "Latchkey can't make one, so take its rotation out of the policy"
    )
    return obstacle.fill("{subject} holds ") + (
        f"{what}, which a new value would overwrite: {what_to_do}"
    )


def _captured_as(note: Filled) -> str:
    shapes = {"pinned_reference": "pinned reference"}
    shape = note.text("shape")
    return note.fill("{dependent}: ") + shapes.get(shape, shape)


def _current(left: Filled) -> str:
    known = {
        "old": "the one from before this rotation",
        "new": "the new one, written by this rotation",
        "restored": "the old value, written back by this rotation",
    }
    what = known.get(left.text("which"), "one this rotation has no record of")
    return left.fill("Version {version} is current: ") + f"{what}."


def _other_rotation(obstacle: Filled) -> str:
    if obstacle.text("state") == "needs_human":
        return obstacle.fill(
            "{rotation_id} needs a human and must finish first: type retry {rotation_id}"
        )
    return obstacle.fill("{rotation_id} is {state:state} and must finish first")


FAILURES: Mapping[str, Text] = {
    "said_by_azure": "{cause}",
    "service_failed": "{service}: {cause}",
    "service_not_permitted": "Latchkey doesn't have permission to do this: {service}: {cause}",
    "service_not_permitted_yet": (
        "{service} still refuses this: {cause}. New permissions take a few minutes to take effect"
    ),
    "gone": "{subject}: {cause}; if it was deleted on purpose, retry",
    "being_rotated": "{subject} is being rotated by {rotation_id}",
    "setting_missing": _setting_missing,
    "setting_differs": "{subject} holds a different value than the secret's current version",
    "setting_of_other_secret": "{subject} references a different secret",
    "setting_of_other_version": "{subject} is pinned to a version that isn't current",
    "setting_changed_by_others": "{subject} was changed by someone else after the rotation started",
    "setting_without_new_version": (
        "{subject} doesn't hold the new version: the old version stays enabled"
    ),
    "setting_not_read_back": "{subject}: the setting doesn't read back as written",
    "settings_not_read_back": "{subject}: the settings don't read back as written",
    "settings_being_changed": "{subject}: its settings are being changed by {by}",
    "settings_change_unanswered": (
        "{subject}: a settings change got no answer and may still be carried out"
    ),
    "app_gone": "{subject}: the app no longer exists; if it was deleted on purpose, retry",
    "reference_to_bad_version": "{subject}: the reference still resolves to the bad version",
    "reference_not_resolved": "{subject}: the reference isn't resolved: {status}",
    "reference_to_other_version": "{subject}: the reference resolves to a different version",
    "unhealthy": "{subject}: the health check doesn't return 2xx",
    "no_issuer": "{subject}: there is no issuer named {issuer}",
    "no_dependent_kind": "{subject}: there is no kind of dependent named {kind}",
    "wrong_options": "{subject}: {faults:semicolons}",
    "no_text_at_part": "{subject}: there is no text at its {part}, or more than one",
    "part_not_replaceable": (
        "{subject}: the new value can't be put at its {part}: there is no text there, or the new "
        "one would have to be quoted in a connection string"
    ),
    "new_version_not_current": "{subject}: the new version isn't the current one",
    "new_version_not_read_back": "{subject}: the new version can't be read back yet",
    "version_by_others": "{subject}: someone else wrote version {version} in the meantime",
    "credential_not_shown": "{subject} doesn't show the new version's credential yet",
    "restore_unknown": "{subject}: the old value may already have been written",
    "restore_not_shown": "{subject}: the version from before the rotation still reads as current",
    "restore_not_read_back": "{subject}: the restored version can't be read back yet",
    "restore_under_others": (
        "{subject}: someone else wrote version {version} in the meantime; to keep it, disable "
        "version {bad} and retry"
    ),
    "late_version_on_top": (
        "{subject}: version {version} of this rotation landed on top of version {theirs}, which "
        "someone else wrote; write that version's value again and retry"
    ),
    "old_value_again": "{subject} has its old value again: the old version stays enabled",
    "successor_by_others": (
        "{subject}: someone else wrote version {version} in the meantime; if it doesn't need "
        "the old credential, retry"
    ),
    "old_version_current": "{subject}: the old version is current again",
    "old_credential_current": "{subject}: the current version holds the old credential",
    "credential_not_valid": (
        "{subject}: the credential in the current version isn't valid; the old one is kept"
    ),
    "credential_not_retired": "{subject}: {rotation_id} hasn't retired its old credential yet",
    "client_secret_not_accepted": "{subject} doesn't accept the new client secret: {code}",
    "key_held_elsewhere": (
        "{subject}: {slot} would be regenerated, but another secret holds it: {secrets:commas}"
    ),
    "no_key_in_use": "{subject}: the secret holds neither of the account's keys",
    "key_unchanged": "{subject}: {slot} still reads as before",
    "other_connection_string": (
        "{subject}: the secret isn't a plain connection string of this account"
    ),
}

OBSTACLES: Mapping[str, Text] = {
    "several_obstacles": _joined,
    "secret_deleted": (
        "{subject} was deleted but can be recovered: az keyvault secret recover "
        "--vault-name {vault} --name {subject}; or purge it and create it again"
    ),
    "secret_of_certificate": (
        "{subject} belongs to a certificate, so only Key Vault can write it: renew the certificate "
        "instead, and take the rotation of this secret out of the policy"
    ),
    "secret_not_valid_yet": (
        "{subject} has a current version that isn't valid until {not_before:minute} (its nbf), "
        "although Key Vault already returns it: rotate after that, or change its nbf"
    ),
    "secret_expired_before": (
        "{subject} has a current version that expired before it was created, so Latchkey "
        "can't tell how long the next one should be valid: set max_age in the policy"
    ),
    "too_many_tags": (
        "{subject} has {theirs} tags of its own, and Latchkey adds {ours}: Key Vault takes {most} "
        "in all, so remove {excess}"
    ),
    "part_missing": (
        "{subject} has no text at its {part}, or more than one, so there is nothing to replace"
    ),
    "structure_destroyed": _structure,
    "other_rotation_under_way": _other_rotation,
    "current_version_unreadable": "The current version can't be read: {cause}",
    "issuer_would_refuse": "The issuer would refuse: {parts}",
    "settings_unreadable": "Its settings can't be read: {cause}",
}

NOTES: Mapping[str, Text] = {
    "notes": _joined,
    "captured_as": _captured_as,
    "no_dependents": "no dependents",
    "issued_by": _issued_by,
    "issued_withdrawn": "the issued credential is withdrawn",
    "nothing_to_withdraw": "nothing to withdraw: {parts}",
    "issuing_system_gone": "the system that issued it is gone",
    "old_issuing_system_gone": "the system that issued the old credential is gone",
    "version_written": _version_written,
    "sign_in_succeeded": "a sign-in with it succeeded",
    "sign_in_not_tried": "a sign-in with it couldn't be tried: {code}",
    "old_value_restored": (
        "the old value is current again as a new version; the bad version is disabled"
    ),
    "version_of_others_kept": ("someone else's version stays current; the bad version is disabled"),
    "settings_updated": "updated: {dependents:commas}",
    "settings_updated_again": "updated again: {dependents:commas}",
    "settings_put_back": "as before the rotation: {dependents:commas}",
    "settings_left": "left as someone else set them: {dependents:commas}",
    "settings_gone": "deleted with its app: {dependents:commas}",
    "everything_read_back": "everything reads back correctly",
    "old_version_disabled": "the old version {version} is disabled",
    "old_version_gone": "the old version {version} is gone",
    "no_current_version": "the secret has no current version",
    "secret_recreated": (
        "the secret was deleted and recreated: the versions of this rotation no longer exist"
    ),
    "old_credential_left": "{credential} was not removed",
}

FORESEEN: Mapping[str, Text] = {
    "tells_nobody": (
        "Nothing passes the new value to the system that checks it: the value is random, and no "
        "app setting depends on it. Someone has to update that system by hand."
    ),
    "client_secret": _client_secret,
    "client_secret_will_be_removed": ("After the overlap this client secret is removed: {parts}."),
    "client_secret_missing": (
        "The application no longer has the client secret {key_id}: none is removed."
    ),
    "client_secret_unknown": (
        "It is unknown which client secret the current version holds, so none is removed. "
        "To have it removed, name its key ID in the policy (adopt)."
    ),
    "no_other_client_secrets": "The application has no other client secrets.",
    "other_client_secrets_stay": _client_secrets_stay,
    "key_regenerated_at_once": (
        "{slot} of {account} is regenerated immediately. Whatever else uses that key stops working "
        "then, and so does every SAS token signed with it."
    ),
    "key_regenerated_later": (
        "{slot}, which the secret holds now, is regenerated when the overlap ends, with the "
        "same effect."
    ),
    "key_held_by_no_other": "No other secret that Latchkey rotates holds {slot}.",
}

REMAINS: Mapping[str, Text] = {
    "current_version_unknown": "Couldn't read which version is current: {parts}.",
    "current_version": _current,
    "settings_unknown": "The values of these settings are unknown: {dependents:commas}.",
    "settings_unchanged": "No app setting was changed: {dependents:commas}.",
    "settings_not_put_back": (
        "These settings were changed to the new value and not restored: {dependents:commas}."
    ),
    "settings_last_seen": "The settings were last seen like this: {parts}.",
    "old_version_enabled": (
        "The old version {version} may still be enabled, and its value may still be valid."
    ),
    "left": "{parts}",
    "issued_valid": "The issued credential may still be valid: {credential}.",
}

ROTATION: Mapping[str, Text] = {**FAILURES, **OBSTACLES, **NOTES, **FORESEEN, **REMAINS}
