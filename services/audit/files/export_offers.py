"""Export offers: each can be used once, by one person, for a short time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from domain.audit.history import Filter
from domain.people import Actor
from domain.refusals.exports import OfferGone
from services.audit.files.export import FIRST_FILE, FilePlace, Format
from services.clock import Clock
from services.faults import Conflict
from services.storage import keys
from services.storage.table import Delete, Insert, Row, Table, Value

VALID_FOR = timedelta(minutes=15)

_MOST_REMOVED = 50


class Content(StrEnum):
    """What is in an offered file."""

    HISTORY = "history"
    ACCESS_REVIEW = "access_review"
    FIGURES = "figures"
    READS = "reads"


@dataclass(frozen=True, slots=True)
class ExportOffer:
    """What an offer lets its person export."""

    wanted: Filter
    form: Format
    content: Content = Content.HISTORY
    place: FilePlace = FIRST_FILE
    """Which of the files it is, if the history doesn't fit into one."""
    workflow: str = ""
    """Under whose grant the reads are; empty for those without a grant."""


class ExportOffers:
    """Keeps offers under unguessable IDs; the table only has their hashes.

    An expired offer is removed when its person gets another one.
    """

    def __init__(self, table: Table, clock: Clock, new_id: Callable[[], str]) -> None:
        self._table = table
        self._clock = clock
        self._new_id = new_id

    async def make(self, actor: Actor, offer: ExportOffer) -> str:
        """Store an offer for this person and return its ID."""
        offer_id = self._new_id()
        values: dict[str, Value] = {
            "form": offer.form.value,
            "content": offer.content.value,
            "expires_at": keys.instant(self._clock() + VALID_FOR),
        }
        if offer.wanted.person:
            values["wanted_person"] = offer.wanted.person
        if offer.wanted.secret:
            values["wanted_secret"] = offer.wanted.secret
        if offer.wanted.since:
            values["wanted_since"] = keys.instant(offer.wanted.since)
        if offer.workflow:
            values["workflow"] = offer.workflow
        if offer.place.position:
            values["file"] = offer.place.number
            values["position"] = offer.place.position
            if offer.place.before:
                values["before"] = keys.instant(offer.place.before)
        partition = _partition(actor)
        added = Insert(_key(offer_id), values)
        ended = [row for row in await self._table.range(partition, "", "~") if self._is_over(row)]
        removed = [Delete(row.key) for row in ended[:_MOST_REMOVED]]
        try:
            await self._table.transact(partition, [added, *removed])
        except Conflict:
            await self._table.transact(partition, [added])  # another call removed the old ones
        return offer_id

    async def take(self, actor: Actor, offer_id: str) -> ExportOffer:
        """Use up an offer; raises OfferGone."""
        row = await self._table.get(_partition(actor), _key(offer_id))
        if row is None:
            raise OfferGone
        try:
            await self._table.transact(row.partition, [Delete(row.key, row.etag)])
        except Conflict:
            raise OfferGone from None  # a repeated click was first
        if self._is_over(row):
            raise OfferGone
        return _offer(row)

    def _is_over(self, row: Row) -> bool:
        return self._clock() >= datetime.fromisoformat(str(row.values["expires_at"]))


def _offer(row: Row) -> ExportOffer:
    person, secret, since = (
        row.values.get(name) for name in ("wanted_person", "wanted_secret", "wanted_since")
    )
    wanted = Filter(
        str(person) if person else None,
        str(secret) if secret else None,
        datetime.fromisoformat(str(since)) if since else None,
    )
    content = Content(str(row.values.get("content", Content.HISTORY)))
    workflow = str(row.values.get("workflow", ""))
    return ExportOffer(wanted, Format(str(row.values["form"])), content, _place(row), workflow)


def _place(row: Row) -> FilePlace:
    position, before = row.values.get("position"), row.values.get("before")
    if not position:
        return FIRST_FILE
    at = datetime.fromisoformat(str(before)) if before else None
    return FilePlace(int(str(row.values["file"])), str(position), at)


def _partition(actor: Actor) -> str:
    return f"offers-{actor.object_id}"


def _key(offer_id: str) -> str:
    return sha256(offer_id.encode()).hexdigest()
