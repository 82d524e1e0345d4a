"""Where people and channels can be reached, from Teams."""

import asyncio

import pytest

from services.people.addresses import FRESH, ConversationAddress, ConversationAddresses
from tests.support.builders import ADA, BO
from tests.support.clock import ManualClock
from tests.support.tables.memory_table import MemoryTable
from tests.support.tables.watched_table import WatchedTable

EMEA = "https://smba.trafficmanager.net/emea/"
AMER = "https://smba.trafficmanager.net/amer/"
CHANNEL = "19:general@thread.tacv2;messageid=1/?#\\"


@pytest.fixture
def table() -> WatchedTable:
    return WatchedTable(MemoryTable())


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def references(table: WatchedTable, clock: ManualClock) -> ConversationAddresses:
    return ConversationAddresses(table, clock)


async def test_a_person_is_found_in_their_last_conversation(
    references: ConversationAddresses,
) -> None:
    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1"))
    await references.remember_person(ADA.object_id, ConversationAddress(AMER, "a:2"))

    assert await references.person(ADA.object_id) == ConversationAddress(AMER, "a:2")
    assert await references.person(BO.object_id) is None


async def test_another_replica_finds_the_person_too(
    clock: ManualClock, table: WatchedTable, references: ConversationAddresses
) -> None:
    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1"))

    assert await ConversationAddresses(table, clock).person(ADA.object_id) == ConversationAddress(
        EMEA, "a:1"
    )


async def test_a_conversation_is_served_by_its_own_region(
    references: ConversationAddresses,
) -> None:
    await references.remember_conversation(ConversationAddress(EMEA, CHANNEL))
    await references.remember_conversation(ConversationAddress(AMER, "a:2"))

    assert await references.service_url(CHANNEL) == EMEA


async def test_an_unknown_conversation_uses_the_last_seen_region(
    references: ConversationAddresses,
) -> None:
    before = await references.service_url(CHANNEL)
    await references.remember_conversation(ConversationAddress(AMER, "a:2"))

    assert before is None
    assert await references.service_url(CHANNEL) == AMER


async def test_a_known_reference_is_not_written_again(
    table: WatchedTable, references: ConversationAddresses
) -> None:
    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1"))
    table.forget_counts()

    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1"))

    assert (table.reads, table.transactions) == (0, 0)


async def test_a_reference_written_by_another_replica_is_read_and_not_written(
    clock: ManualClock, table: WatchedTable, references: ConversationAddresses
) -> None:
    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1"))
    table.forget_counts()

    await ConversationAddresses(table, clock).remember_person(
        ADA.object_id, ConversationAddress(EMEA, "a:1")
    )

    assert (table.reads, table.transactions) == (1, 0)


async def test_two_replicas_can_store_the_same_person_at_once(
    clock: ManualClock, table: WatchedTable, references: ConversationAddresses
) -> None:
    await asyncio.gather(
        references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1")),
        ConversationAddresses(table, clock).remember_person(
            ADA.object_id, ConversationAddress(AMER, "a:2")
        ),
    )

    assert await references.person(ADA.object_id) is not None


async def test_the_locale_of_a_person_is_stored_with_their_chat(
    clock: ManualClock, table: WatchedTable, references: ConversationAddresses
) -> None:
    references.hear(ADA.object_id, "de-DE")
    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1"))

    assert await ConversationAddresses(table, clock).person(ADA.object_id) == ConversationAddress(
        EMEA, "a:1", locale="de-DE"
    )


async def test_a_chat_that_was_stored_without_a_locale_gets_it_when_it_is_looked_up(
    clock: ManualClock, table: WatchedTable, references: ConversationAddresses
) -> None:
    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1", "29:ada"))
    table.forget_counts()

    references.hear(ADA.object_id, "de-DE")
    heard = (table.reads, table.transactions)
    found = await references.person(ADA.object_id)

    assert heard == (0, 0)
    assert found == ConversationAddress(EMEA, "a:1", "29:ada", "de-DE")
    assert await ConversationAddresses(table, clock).person(ADA.object_id) == found


async def test_a_locale_is_written_only_when_it_changes(
    table: WatchedTable, references: ConversationAddresses
) -> None:
    references.hear(ADA.object_id, "de-DE")
    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1"))
    table.forget_counts()

    references.hear(ADA.object_id, "de-DE")
    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1"))
    unchanged = (table.reads, table.transactions)
    references.hear(ADA.object_id, "en-GB")
    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1"))

    assert unchanged == (0, 0)
    assert table.transactions == 1
    assert await references.person(ADA.object_id) == ConversationAddress(EMEA, "a:1", "", "en-GB")


async def test_a_turn_without_a_locale_keeps_the_one_that_is_known(
    clock: ManualClock, table: WatchedTable, references: ConversationAddresses
) -> None:
    references.hear(ADA.object_id, "de-DE")
    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1"))

    references.hear(ADA.object_id, "")
    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:2"))
    await ConversationAddresses(table, clock).remember_person(
        ADA.object_id, ConversationAddress(EMEA, "a:3")
    )

    assert await references.person(ADA.object_id) == ConversationAddress(EMEA, "a:3", "", "de-DE")


async def test_a_locale_that_two_replicas_heard_is_the_later_one(
    clock: ManualClock, table: WatchedTable, references: ConversationAddresses
) -> None:
    other = ConversationAddresses(table, clock)
    for replica, locale in ((references, "de-DE"), (other, "en-GB")):
        replica.hear(ADA.object_id, locale)
        await replica.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1"))
    seen = await references.person(ADA.object_id)

    references.hear(ADA.object_id, "de-DE")
    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1"))

    assert seen == ConversationAddress(EMEA, "a:1", "", "en-GB")
    assert await other.person(ADA.object_id) == ConversationAddress(EMEA, "a:1", "", "de-DE")


async def test_the_locale_of_someone_without_a_chat_waits_for_it(
    references: ConversationAddresses,
) -> None:
    references.hear(ADA.object_id, "de-DE")
    before = (await references.person(ADA.object_id), references.heard(ADA.object_id))
    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1"))

    assert before == (None, "de-DE")
    assert await references.person(ADA.object_id) == ConversationAddress(EMEA, "a:1", "", "de-DE")


async def test_a_persons_chat_is_read_once_for_several_messages(
    clock: ManualClock, table: WatchedTable, references: ConversationAddresses
) -> None:
    await ConversationAddresses(table, clock).remember_person(
        ADA.object_id, ConversationAddress(EMEA, "a:1")
    )
    table.forget_counts()

    found = [await references.person(ADA.object_id) for _ in range(3)]
    reads = table.reads
    clock.advance(FRESH)
    await references.person(ADA.object_id)

    assert found == [ConversationAddress(EMEA, "a:1")] * 3
    assert (reads, table.reads) == (1, 2)


async def test_a_chat_that_was_just_written_is_found_at_once(
    references: ConversationAddresses,
) -> None:
    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1"))
    await references.person(ADA.object_id)

    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:2"))

    assert await references.person(ADA.object_id) == ConversationAddress(EMEA, "a:2")
