"""Where people and channels can be reached, from Teams."""

import asyncio

import pytest

from services.people.addresses import ConversationAddress, ConversationAddresses
from tests.support.builders import ADA, BO
from tests.support.memory_table import MemoryTable
from tests.support.watched_table import WatchedTable

EMEA = "https://smba.trafficmanager.net/emea/"
AMER = "https://smba.trafficmanager.net/amer/"
CHANNEL = "19:general@thread.tacv2;messageid=1/?#\\"


@pytest.fixture
def table() -> WatchedTable:
    return WatchedTable(MemoryTable())


@pytest.fixture
def references(table: WatchedTable) -> ConversationAddresses:
    return ConversationAddresses(table)


async def test_a_person_is_found_in_their_last_conversation(
    references: ConversationAddresses,
) -> None:
    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1"))
    await references.remember_person(ADA.object_id, ConversationAddress(AMER, "a:2"))

    assert await references.person(ADA.object_id) == ConversationAddress(AMER, "a:2")
    assert await references.person(BO.object_id) is None


async def test_another_replica_finds_the_person_too(
    table: WatchedTable, references: ConversationAddresses
) -> None:
    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1"))

    assert await ConversationAddresses(table).person(ADA.object_id) == ConversationAddress(
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
    table: WatchedTable, references: ConversationAddresses
) -> None:
    await references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1"))
    table.forget_counts()

    await ConversationAddresses(table).remember_person(
        ADA.object_id, ConversationAddress(EMEA, "a:1")
    )

    assert (table.reads, table.transactions) == (1, 0)


async def test_two_replicas_can_store_the_same_person_at_once(
    table: WatchedTable, references: ConversationAddresses
) -> None:
    await asyncio.gather(
        references.remember_person(ADA.object_id, ConversationAddress(EMEA, "a:1")),
        ConversationAddresses(table).remember_person(
            ADA.object_id, ConversationAddress(AMER, "a:2")
        ),
    )

    assert await references.person(ADA.object_id) is not None
