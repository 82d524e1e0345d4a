"""Rotations: what a step did."""

from collections.abc import Mapping

from cards.reasons.filling import Filled, Text
from domain.phrases import mark

_SHAPES = {
    "absent": mark("{dependent}: absent"),
    "literal": mark("{dependent}: literal"),
    "reference": mark("{dependent}: reference"),
    "pinned_reference": mark("{dependent}: pinned reference"),
}


def _issued_by(note: Filled) -> str:
    return note.fill("{issuer}: {credential}" if note.text("credential") else "{issuer}")


def _version_written(note: Filled) -> str:
    if note.text("expires"):
        return note.fill(mark("version {version}, expires on {expires:date}"))
    return note.fill(mark("version {version}"))


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


def _captured_as(note: Filled) -> str:
    return note.fill(_SHAPES.get(note.text("shape"), "{dependent}: {shape}"))


NOTES: Mapping[str, Text] = {
    "notes": "{parts:semicolons}",
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
