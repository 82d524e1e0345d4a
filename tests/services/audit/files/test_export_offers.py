"""An offered export is for one person, once, for a short time."""

import asyncio
import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.audit.history import Filter
from domain.refusals.exports import OfferGone
from services.audit.files.export import FilePlace, Format
from services.audit.files.export_offers import VALID_FOR, Content, ExportOffer, ExportOffers
from services.azure.tables import AzureTable
from services.storage.table import Table
from tests.support.builders import ADA, BO, DANA, SECRET
from tests.support.clock import NINE, ManualClock
from tests.support.tables.memory_table import MemoryTable

OFFER = ExportOffer(Filter(person=DANA.object_id, secret=SECRET, since=NINE), Format.JSON)


@pytest.fixture(params=["memory", "azurite"])
def table(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return MemoryTable()
    real: Table = request.getfixturevalue("azurite_table")
    return real


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def offers_over(table: Table, clock: ManualClock) -> ExportOffers:
    numbers = itertools.count(1)
    return ExportOffers(table, clock, lambda: f"unguessable-{next(numbers)}")


READS = ExportOffer(Filter(), Format.JSON, Content.READS, workflow="req-one")
SECOND_FILE = ExportOffer(Filter(), Format.CSV, place=FilePlace(2, "12345678901234567~req-one"))


THIRD_FILE = replace(SECOND_FILE, place=replace(SECOND_FILE.place, number=3, before=NINE))


@pytest.mark.parametrize(
    "offer", [OFFER, ExportOffer(Filter(), Format.CSV), SECOND_FILE, THIRD_FILE, READS]
)
async def test_an_offer_is_taken_as_it_was_made(
    table: Table, clock: ManualClock, offer: ExportOffer
) -> None:
    offers = offers_over(table, clock)
    offer_id = await offers.make(ADA, offer)
    clock.advance(minutes=14)

    assert await offers.take(ADA, offer_id) == offer


async def test_an_offer_is_taken_only_once(table: Table, clock: ManualClock) -> None:
    offers = offers_over(table, clock)
    offer_id = await offers.make(ADA, OFFER)
    await offers.take(ADA, offer_id)

    with pytest.raises(OfferGone):
        await offers.take(ADA, offer_id)


async def test_of_two_replicas_taking_it_at_once_one_gets_it(
    azurite_table: AzureTable, clock: ManualClock
) -> None:
    one, other = offers_over(azurite_table, clock), offers_over(azurite_table, clock)
    offer_id = await one.make(ADA, OFFER)

    taken = await asyncio.gather(
        one.take(ADA, offer_id), other.take(ADA, offer_id), return_exceptions=True
    )

    assert sorted(type(each).__name__ for each in taken) == ["ExportOffer", "OfferGone"]


async def test_someone_else_can_neither_take_nor_spoil_it(table: Table, clock: ManualClock) -> None:
    offers = offers_over(table, clock)
    offer_id = await offers.make(ADA, OFFER)

    with pytest.raises(OfferGone):
        await offers.take(BO, offer_id)

    assert await offers.take(ADA, offer_id) == OFFER


async def test_an_offer_expires(table: Table, clock: ManualClock) -> None:
    offers = offers_over(table, clock)
    offer_id = await offers.make(ADA, OFFER)
    clock.advance(seconds=VALID_FOR / timedelta(seconds=1))

    with pytest.raises(OfferGone):
        await offers.take(ADA, offer_id)


async def test_an_unanswered_expired_offer_is_removed_with_the_next_offer(
    table: Table, clock: ManualClock
) -> None:
    offers = offers_over(table, clock)
    for _ in range(3):
        await offers.make(ADA, OFFER)
    clock.advance(VALID_FOR)
    await offers.make(BO, OFFER)
    newest = await offers.make(ADA, OFFER)

    assert len(await table.range(f"offers-{ADA.object_id}", "", "~")) == 1
    assert await offers.take(ADA, newest) == OFFER


async def test_two_replicas_removing_an_expired_offer_both_succeed(
    azurite_table: AzureTable, clock: ManualClock
) -> None:
    await offers_over(azurite_table, clock).make(ADA, OFFER)
    clock.advance(VALID_FOR)
    one = ExportOffers(azurite_table, clock, lambda: "one")
    other = ExportOffers(azurite_table, clock, lambda: "other")

    await asyncio.gather(one.make(ADA, OFFER), other.make(ADA, OFFER))

    assert await one.take(ADA, "one") == OFFER
    assert await other.take(ADA, "other") == OFFER


@pytest.mark.parametrize("offer_id", ["", "x", "unguessable-2", "../offer", "\u0000" * 3, "🎉"])
async def test_a_made_up_id_is_useless(table: Table, clock: ManualClock, offer_id: str) -> None:
    offers = offers_over(table, clock)
    await offers.make(ADA, OFFER)

    with pytest.raises(OfferGone):
        await offers.take(ADA, offer_id)


async def test_the_table_does_not_contain_the_id() -> None:
    table = MemoryTable()

    offer_id = await offers_over(table, ManualClock()).make(ADA, OFFER)

    assert offer_id not in repr(table.rows())
