"""Exports that were offered: one person may take one once, for a short while."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from domain.history import Filter
from domain.people import Actor
from domain.refusals import OfferGone
from services import keys
from services.engine import Clock
from services.export import Format
from services.faults import Conflict
from services.table import Delete, Insert, Row, Table, Value

VALID_FOR = timedelta(minutes=15)

_ROW = "offer"


@dataclass(frozen=True, slots=True)
class Offer:
    """What was offered to be exported."""

    wanted: Filter
    form: Format


class Offers:
    """Keeps offers under ids that nobody can guess; the table holds their hashes alone."""

    def __init__(self, table: Table, clock: Clock, new_id: Callable[[], str]) -> None:
        self._table = table
        self._clock = clock
        self._new_id = new_id

    async def make(self, actor: Actor, offer: Offer) -> str:
        """Keep an offer for this person; return its id."""
        offer_id = self._new_id()
        values: dict[str, Value] = {
            "person": actor.object_id,
            "form": offer.form.value,
            "expires_at": keys.instant(self._clock() + VALID_FOR),
        }
        if offer.wanted.person:
            values["wanted_person"] = offer.wanted.person
        if offer.wanted.secret:
            values["wanted_secret"] = offer.wanted.secret
        if offer.wanted.since:
            values["wanted_since"] = keys.instant(offer.wanted.since)
        await self._table.transact(_partition(offer_id), [Insert(_ROW, values)])
        return offer_id

    async def take(self, actor: Actor, offer_id: str) -> Offer:
        """Take an offer, so that nobody else can; raises OfferGone."""
        row = await self._table.get(_partition(offer_id), _ROW)
        if row is None or row.values["person"] != actor.object_id:
            raise OfferGone
        try:
            await self._table.transact(row.partition, [Delete(_ROW, row.etag)])
        except Conflict:
            raise OfferGone from None  # the same click again was first
        if self._clock() >= datetime.fromisoformat(str(row.values["expires_at"])):
            raise OfferGone
        return _offer(row)


def _offer(row: Row) -> Offer:
    person, secret, since = (
        row.values.get(name) for name in ("wanted_person", "wanted_secret", "wanted_since")
    )
    wanted = Filter(
        str(person) if person else None,
        str(secret) if secret else None,
        datetime.fromisoformat(str(since)) if since else None,
    )
    return Offer(wanted, Format(str(row.values["form"])))


def _partition(offer_id: str) -> str:
    return f"offer~{sha256(offer_id.encode()).hexdigest()}"
