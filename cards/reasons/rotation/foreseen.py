"""Rotations: what a plan expects."""

from collections.abc import Mapping

from cards.languages.texts import say
from cards.reasons.filling import Filled, Text
from domain.phrases import mark


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
