"""Teams' file consent: a file is offered, its person agrees, and OneDrive takes it.

Source: Microsoft Learn, "Send and receive files through the bot". It works in personal chats, in
apps whose manifest says ``supportsFiles``, and not in GCC High and DoD.
"""

from dataclasses import dataclass
from typing import Any

from botbuilder.schema import Activity, ActivityTypes, Attachment

FILE_CONSENT = "fileConsent/invoke"

_CONSENT_CARD = "application/vnd.microsoft.teams.card.file.consent"
_INFO_CARD = "application/vnd.microsoft.teams.card.file.info"
_OFFER = "offer"


@dataclass(frozen=True, slots=True)
class Consent:
    """What somebody answered to an offered file; of all this nothing is believed."""

    offer_id: str
    is_given: bool
    upload_url: str = ""
    content_url: str = ""
    unique_id: str = ""
    file_type: str = ""


def consent_message(name: str, size: int, description: str, offer_id: str) -> Activity:
    """Return a message that offers a file; ``size`` is in bytes."""
    context = {_OFFER: offer_id}
    content = {
        "description": description,
        "sizeInBytes": size,
        "acceptContext": context,
        "declineContext": context,
    }
    attachment = Attachment(content_type=_CONSENT_CARD, name=name, content=content)
    return Activity(type=ActivityTypes.message, attachments=[attachment])


def info_message(name: str, consent: Consent) -> Activity:
    """Return a message that shows a file where it was put."""
    content = {"uniqueId": consent.unique_id, "fileType": consent.file_type}
    attachment = Attachment(
        content_type=_INFO_CARD, name=name, content_url=consent.content_url, content=content
    )
    return Activity(type=ActivityTypes.message, attachments=[attachment])


def read_consent(activity: Activity) -> Consent:
    """Read an answer in which every value may be of any shape."""
    value = _object(activity.value)
    upload = _object(value.get("uploadInfo"))
    return Consent(
        offer_id=_text(_object(value.get("context")), _OFFER),
        is_given=value.get("action") == "accept",
        upload_url=_text(upload, "uploadUrl"),
        content_url=_text(upload, "contentUrl"),
        unique_id=_text(upload, "uniqueId"),
        file_type=_text(upload, "fileType"),
    )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(holder: dict[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""
