"""Teams' file consent: offer a file, get the person's consent, upload it to their OneDrive.

Source: Microsoft Learn, "Send and receive files through the bot". It works in personal chats, for
apps with ``supportsFiles`` in the manifest, but not in GCC High and DoD.
"""

from typing import Any

from botbuilder.schema import Activity, ActivityTypes, Attachment

from bot.turn import FileConsent, FileOffer

FILE_CONSENT = "fileConsent/invoke"

_CONSENT_CARD = "application/vnd.microsoft.teams.card.file.consent"
_INFO_CARD = "application/vnd.microsoft.teams.card.file.info"
_OFFER = "offer"


def consent_message(offer: FileOffer) -> Activity:
    """Return a message that offers a file."""
    context = {_OFFER: offer.id}
    content = {
        "description": offer.description,
        "sizeInBytes": offer.size,
        "acceptContext": context,
        "declineContext": context,
    }
    attachment = Attachment(content_type=_CONSENT_CARD, name=offer.name, content=content)
    return Activity(type=ActivityTypes.message, attachments=[attachment])


def info_message(name: str, consent: FileConsent) -> Activity:
    """Return a message that shows a file where it was put."""
    content = {"uniqueId": consent.unique_id, "fileType": consent.file_type}
    attachment = Attachment(
        content_type=_INFO_CARD, name=name, content_url=consent.content_url, content=content
    )
    return Activity(type=ActivityTypes.message, attachments=[attachment])


def read_consent(answer: Any) -> FileConsent:
    """Read an answer in which every value may be of any shape."""
    value = _object(answer)
    upload = _object(value.get("uploadInfo"))
    return FileConsent(
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
