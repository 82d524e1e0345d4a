"""What a client can set on a secret, and Key Vault's limits."""

from typing import Any

from sandbox.calls import Call, Json
from sandbox.key_vault.access import bad_parameter

MAX_VALUE_BYTES = 25 * 1024
MAX_TAGS = 15
MAX_TAG_LENGTH = 256
MAX_CONTENT_TYPE_LENGTH = 255


def checked_body(call: Call) -> Json:
    """Return the body if everything except the value is within the limits."""
    given = call.json()
    if given is None:
        raise bad_parameter("The request body is not a valid JSON object.")
    tags = given.get("tags") or {}
    if not isinstance(tags, dict) or len(tags) > MAX_TAGS:
        raise bad_parameter(f"Property 'tags' takes at most {MAX_TAGS} tags.")
    if any(_too_long(text, MAX_TAG_LENGTH) for pair in tags.items() for text in pair):
        raise bad_parameter(f"A tag's name and value have at most {MAX_TAG_LENGTH} characters.")
    content_type = given.get("contentType")
    if content_type is not None and _too_long(content_type, MAX_CONTENT_TYPE_LENGTH):
        raise bad_parameter(
            f"Property 'contentType' has at most {MAX_CONTENT_TYPE_LENGTH} characters."
        )
    _check_attributes(given.get("attributes") or {})
    return given


def checked_value(given: Json) -> str:
    """Return the value from a body, if it is a string and not too long."""
    value = given.get("value")
    if not isinstance(value, str):
        raise bad_parameter("Property 'value' is required and has to be a string.")
    if len(value.encode()) > MAX_VALUE_BYTES:
        raise bad_parameter(f"Property 'value' exceeds the maximum of {MAX_VALUE_BYTES} bytes.")
    return value


def _check_attributes(attributes: Any) -> None:
    if not isinstance(attributes, dict) or not isinstance(attributes.get("enabled"), bool | None):
        raise bad_parameter("Property 'attributes' is not valid.")
    not_before, expires = attributes.get("nbf"), attributes.get("exp")
    if not isinstance(not_before, int | None) or not isinstance(expires, int | None):
        raise bad_parameter("Properties 'nbf' and 'exp' are whole seconds since the epoch.")
    if not_before is not None and expires is not None and not_before >= expires:
        raise bad_parameter("Property 'exp' has to be later than 'nbf'.")


def given_attributes(given: Json) -> Json:
    """Return the attributes from a body; null changes nothing."""
    return {name: one for name, one in (given.get("attributes") or {}).items() if one is not None}


def _too_long(text: Any, limit: int) -> bool:
    return not isinstance(text, str) or len(text) > limit
