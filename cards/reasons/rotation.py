"""The words of a rotation: why a step failed, what it did, and what a plan expects.

They follow a label or are followed by more text, so they have no full stop.
"""

from collections.abc import Mapping

from cards.languages.texts import say
from cards.reasons.filling import Filled, Text
from domain.phrases import mark

_STRUCTURES = {
    "json": mark(
        "{subject} holds JSON, which a new value would overwrite: name the part to rotate in the "
        'policy, with field = "/…"'
    ),
    "connection_string": mark(
        "{subject} holds a connection string, which a new value would overwrite: name the part to "
        'rotate in the policy, with key = "…"'
    ),
    "pem": mark(
        "{subject} holds a PEM file, which a new value would overwrite: Latchkey can't make one, "
        "so take its rotation out of the policy"
    ),
    "pfx": mark(
        "{subject} holds a PFX file, which a new value would overwrite: Latchkey can't make one, "
        "so take its rotation out of the policy"
    ),
}
_OTHER_STRUCTURE = mark(
    "{subject} holds a structure, which a new value would overwrite: Latchkey can't make one, "
    "so take its rotation out of the policy"
)
_SHAPES = {
    "absent": mark("{dependent}: absent"),
    "literal": mark("{dependent}: literal"),
    "reference": mark("{dependent}: reference"),
    "pinned_reference": mark("{dependent}: pinned reference"),
}
_CURRENT = {
    "old": mark("Version {version} is current: the one from before this rotation."),
    "new": mark("Version {version} is current: the new one, written by this rotation."),
    "restored": mark("Version {version} is current: the old value, written back by this rotation."),
}
_UNKNOWN_CURRENT = mark("Version {version} is current: one this rotation has no record of.")


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


def _joined(notes: Filled) -> str:
    return "; ".join(notes.parts)


def _issued_by(note: Filled) -> str:
    return note.fill("{issuer}: {credential}" if note.text("credential") else "{issuer}")


def _version_written(note: Filled) -> str:
    if note.text("expires"):
        return note.fill(mark("version {version}, expires on {expires:date}"))
    return note.fill(mark("version {version}"))


def _client_secret(note: Filled) -> str:
    """Name a client secret as the portal does: its description, first characters and expiry."""
    has_hint, ends = note.text("hint"), note.text("ends_at")
    if has_hint and ends:
        return note.fill(mark("{name} ({hint}…), valid until {ends_at:date}"))
    if ends:
        return note.fill(mark("{name}, valid until {ends_at:date}"))
    return note.fill("{name} ({hint}…)" if has_hint else "{name}")


def _client_secrets_stay(note: Filled) -> str:
    more = [note.fill(mark("{more} more"))] if note.number("more") else []
    return say(
        "Other client secrets of the application stay valid: {names}.",
        names="; ".join([*note.parts, *more]),
    )


def _structure(obstacle: Filled) -> str:
    return obstacle.fill(_STRUCTURES.get(obstacle.text("structure"), _OTHER_STRUCTURE))


def _of_other_issuer_left(note: Filled) -> str:
    if note.text("issuer"):
        return note.fill(
            mark(
                "{credential} was not removed, since the policy no longer names {issuer}, which "
                "issued it"
            )
        )
    return note.fill(
        mark("{credential} was not removed, since the policy no longer names what issued it")
    )


def _of_other_issuer_stays(note: Filled) -> str:
    if note.text("issuer"):
        return note.fill(
            mark(
                "{credential}, which the secret holds now, isn't removed after the overlap: the "
                "policy no longer names {issuer}, which issued it. Remove it by hand."
            )
        )
    return note.fill(
        mark(
            "{credential}, which the secret holds now, isn't removed after the overlap: the policy "
            "no longer names what issued it. Remove it by hand."
        )
    )


def _captured_as(note: Filled) -> str:
    return note.fill(_SHAPES.get(note.text("shape"), "{dependent}: {shape}"))


def _current(left: Filled) -> str:
    return left.fill(_CURRENT.get(left.text("which"), _UNKNOWN_CURRENT))


def _other_rotation(obstacle: Filled) -> str:
    if obstacle.text("state") == "needs_human":
        return obstacle.fill(
            mark("{rotation_id} needs a human and must finish first: type retry {rotation_id}")
        )
    return obstacle.fill(mark("{rotation_id} is {state:state} and must finish first"))


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
    "reference_to_other_version": mark("{subject}: the reference resolves to a different version"),
    "reference_version_unknown": mark(
        "{subject}: App Service doesn't say which version the reference resolves to"
    ),
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

OBSTACLES: Mapping[str, Text] = {
    "several_obstacles": _joined,
    "secret_deleted": mark(
        "{subject} was deleted but can be recovered: az keyvault secret recover "
        "--vault-name {vault} --name {subject}; or purge it and create it again"
    ),
    "done_before_restore": mark(
        "{subject} has a version that this very rotation wrote, {version}, which the table doesn't "
        "know: it was restored from a backup. Disable the version before it, if it is still enabled"
    ),
    "secret_of_certificate": mark(
        "{subject} belongs to a certificate, so only Key Vault can write it: renew the certificate "
        "instead, and take the rotation of this secret out of the policy"
    ),
    "secret_not_valid_yet": mark(
        "{subject} has a current version that isn't valid until {not_before:minute} (its nbf), "
        "although Key Vault already returns it: rotate after that, or change its nbf"
    ),
    "secret_expired_before": mark(
        "{subject} has a current version that expired before it was created, so Latchkey "
        "can't tell how long the next one should be valid: set max_age in the policy"
    ),
    "too_many_tags": mark(
        "{subject} has {theirs} tags of its own, and Latchkey adds {ours}: Key Vault takes {most} "
        "in all, so remove {excess}"
    ),
    "part_missing": mark(
        "{subject} has no text at its {part}, or more than one, so there is nothing to replace"
    ),
    "structure_destroyed": _structure,
    "other_rotation_under_way": _other_rotation,
    "current_version_unreadable": mark("The current version can't be read: {cause}"),
    "issuer_would_refuse": mark("The issuer would refuse: {parts}"),
    "settings_unreadable": mark("Its settings can't be read: {cause}"),
}

NOTES: Mapping[str, Text] = {
    "notes": _joined,
    "captured_as": _captured_as,
    "no_dependents": mark("no dependents"),
    "issued_by": _issued_by,
    "issued_withdrawn": mark("the issued credential is withdrawn"),
    "keys_regenerated": mark(
        "regenerated in {account}: {slots:commas}; whatever else used that key needs the new one"
    ),
    "nothing_to_withdraw": mark("nothing to withdraw: {parts}"),
    "issuing_system_gone": mark("the system that issued it is gone"),
    "old_issuing_system_gone": mark("the system that issued the old credential is gone"),
    "version_written": _version_written,
    "sign_in_succeeded": mark("a sign-in with it succeeded"),
    "sign_in_not_tried": mark("a sign-in with it couldn't be tried: {code}"),
    "old_value_restored": mark(
        "the old value is current again as a new version; the bad version is disabled"
    ),
    "version_of_others_kept": mark(
        "someone else's version stays current; the bad version is disabled"
    ),
    "settings_updated": mark("updated: {dependents:commas}"),
    "settings_updated_again": mark("updated again: {dependents:commas}"),
    "settings_put_back": mark("as before the rotation: {dependents:commas}"),
    "settings_left": mark("left as someone else set them: {dependents:commas}"),
    "references_refreshed": mark("resolved again, without the bad version: {dependents:commas}"),
    "settings_gone": mark("deleted with its app: {dependents:commas}"),
    "everything_read_back": mark("everything reads back correctly"),
    "old_version_disabled": mark("the old version {version} is disabled"),
    "old_copies_disabled": mark("what held the same value is disabled too: {versions:commas}"),
    "late_versions_disabled": mark("what landed late is disabled: {versions:commas}"),
    "old_version_gone": mark("the old version {version} is gone"),
    "no_current_version": mark("the secret has no current version"),
    "secret_recreated": mark(
        "the secret was deleted and recreated: the versions of this rotation no longer exist"
    ),
    "remaining_unreadable": mark("which other credentials are valid couldn't be read"),
    "credential_of_other_issuer_left": _of_other_issuer_left,
    "old_credential_left": mark("{credential} was not removed"),
}

FORESEEN: Mapping[str, Text] = {
    "tells_nobody": mark(
        "Nothing passes the new value to the system that checks it: the value is random, and no "
        "app setting depends on it. Someone has to update that system by hand."
    ),
    "abandoned_while_retiring": mark(
        "{rotation_id} was abandoned in its last step: the old version {version} may still be "
        "enabled, and its value may still be valid."
    ),
    "credential_of_other_issuer_stays": _of_other_issuer_stays,
    "overlap_ends_at_once": mark(
        "The overlap of {rotation_id} ends at once, and not on {until:minute}: this rotation "
        "replaces the credential that it keeps valid."
    ),
    "overlap_has_ended": mark(
        "The overlap of {rotation_id} has ended, but the credential that it kept valid isn't "
        "retired yet. This rotation replaces it, so it waits for that, and fails if it takes long."
    ),
    "client_secret": _client_secret,
    "client_secret_will_be_removed": mark(
        "After the overlap this client secret is removed: {parts}."
    ),
    "client_secret_missing": mark(
        "The application no longer has the client secret {key_id}: none is removed."
    ),
    "client_secret_unknown": mark(
        "It is unknown which client secret the current version holds, so none is removed. "
        "To have it removed, name its key ID in the policy (adopt)."
    ),
    "no_other_client_secrets": mark("The application has no other client secrets."),
    "other_client_secrets_stay": _client_secrets_stay,
    "key_regenerated_at_once": mark(
        "{slot} of {account} is regenerated immediately. Whatever else uses that key stops working "
        "then, and so does every SAS token signed with it."
    ),
    "key_regenerated_later": mark(
        "{slot}, which the secret holds now, is regenerated when the overlap ends, with the "
        "same effect."
    ),
    "key_in_use_elsewhere": mark(
        "Other secrets hold {slot} too: {secrets:commas}. Give them the new key before the overlap "
        "ends: while one of them holds {slot}, it isn't regenerated, and an admin is asked."
    ),
    "key_held_by_no_other": mark("No other secret that Latchkey rotates holds {slot}."),
}

REMAINS: Mapping[str, Text] = {
    "current_version_unknown": mark("Couldn't read which version is current: {parts}."),
    "current_version": _current,
    "settings_unknown": mark("The values of these settings are unknown: {dependents:commas}."),
    "settings_unchanged": mark("No app setting was changed: {dependents:commas}."),
    "settings_not_put_back": mark(
        "These settings were changed to the new value and not restored: {dependents:commas}."
    ),
    "settings_last_seen": mark("The settings were last seen like this: {parts}."),
    "old_version_enabled": mark(
        "The old version {version} may still be enabled, and its value may still be valid."
    ),
    "left": "{parts}",
    "issued_valid": mark("The issued credential may still be valid: {credential}."),
}

ROTATION: Mapping[str, Text] = {**FAILURES, **OBSTACLES, **NOTES, **FORESEEN, **REMAINS}
