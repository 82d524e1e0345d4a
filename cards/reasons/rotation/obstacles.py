"""Rotations: why it wouldn't begin."""

from collections.abc import Mapping

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


def _structure(obstacle: Filled) -> str:
    return obstacle.fill(_STRUCTURES.get(obstacle.text("structure"), _OTHER_STRUCTURE))


def _other_rotation(obstacle: Filled) -> str:
    if obstacle.text("state") == "needs_human":
        return obstacle.fill(
            mark("{rotation_id} needs a human and must finish first: type retry {rotation_id}")
        )
    return obstacle.fill(mark("{rotation_id} is {state:state} and must finish first"))


OBSTACLES: Mapping[str, Text] = {
    "several_obstacles": "{parts:semicolons}",
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
