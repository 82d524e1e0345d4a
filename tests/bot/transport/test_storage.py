"""Dialog state in Table Storage: botbuilder's own conformance suite, and what it doesn't cover."""

import itertools
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from azure.data.tables.aio import TableClient
from botbuilder.core import TurnContext
from botbuilder.core.adapters import TestAdapter as ConversationAdapter
from botbuilder.schema import Activity, ChannelAccount, ConversationAccount

from bot.transport.storage import DialogMemory, DocumentStorage
from services.azure.tables import AzureTable
from services.faults import Conflict
from services.storage.documents import ANY_ETAG, Documents
from services.storage.table import Table
from tests.bot.sdk_suite import StorageBaseTests
from tests.support.azurite import running_azurite
from tests.support.memory_table import MemoryTable

_names = (f"documents{number}" for number in itertools.count(1))

CONFORMANCE = [
    StorageBaseTests.return_empty_object_when_reading_unknown_key,
    StorageBaseTests.handle_null_keys_when_reading,
    StorageBaseTests.handle_null_keys_when_writing,
    StorageBaseTests.does_not_raise_when_writing_no_items,
    StorageBaseTests.create_object,
    StorageBaseTests.handle_crazy_keys,
    StorageBaseTests.update_object,
    StorageBaseTests.delete_object,
    StorageBaseTests.delete_unknown_object,
    StorageBaseTests.perform_batch_operations,
    StorageBaseTests.proceeds_through_waterfall,
]


@pytest.fixture(scope="module")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_azurite(tmp_path_factory.mktemp("azurite")) as connection_string:
        yield connection_string


@pytest.fixture(params=["memory", "azurite"])
async def table(request: pytest.FixtureRequest) -> AsyncIterator[Table]:
    if request.param == "memory":
        yield MemoryTable()
        return
    connection_string = request.getfixturevalue("azurite")
    async with TableClient.from_connection_string(connection_string, next(_names)) as client:
        real = AzureTable(client)
        await real.ensure_exists()
        yield real


@pytest.fixture
def documents(table: Table) -> Documents:
    return Documents(table)


@pytest.fixture
def storage(documents: Documents) -> DocumentStorage:
    return DocumentStorage(documents)


def a_turn() -> TurnContext:
    activity = Activity(
        type="message",
        channel_id="msteams",
        conversation=ConversationAccount(id="19:general@thread.tacv2;messageid=1"),
        from_property=ChannelAccount(id="29:dana"),
    )
    return TurnContext(ConversationAdapter(), activity)


@pytest.mark.parametrize("conforms", CONFORMANCE, ids=lambda test: test.__name__)
async def test_it_conforms_to_the_sdk(storage: DocumentStorage, conforms: Any) -> None:
    assert await conforms(storage)


def test_no_conformance_test_of_the_sdk_is_left_out() -> None:
    offered = {name for name in vars(StorageBaseTests) if not name.startswith("_")}

    assert offered == {test.__name__ for test in CONFORMANCE}


async def test_an_item_written_by_someone_else_in_between_is_not_overwritten(
    storage: DocumentStorage,
) -> None:
    await storage.write({"dialog": {"step": 1}})
    ours = await storage.read(["dialog"])
    theirs = await storage.read(["dialog"])
    theirs["dialog"]["step"] = 2
    await storage.write(theirs)

    ours["dialog"]["step"] = 3
    with pytest.raises(Conflict):
        await storage.write(ours)

    assert (await storage.read(["dialog"]))["dialog"]["step"] == 2


async def test_an_item_can_be_written_twice_in_a_turn(storage: DocumentStorage) -> None:
    await storage.write({"dialog": {"step": 1}})
    item = await storage.read(["dialog"])

    item["dialog"]["step"] = 2
    await storage.write(item)
    item["dialog"]["step"] = 3
    await storage.write(item)

    assert (await storage.read(["dialog"]))["dialog"]["step"] == 3


async def test_of_two_simultaneous_first_turns_one_gets_a_conflict(
    storage: DocumentStorage,
) -> None:
    first, second = a_turn(), a_turn()
    memory = DialogMemory(storage)
    draft = memory.create_property("draft")
    await draft.set(first, "first")
    await draft.set(second, "second")

    await memory.save_changes(first)
    with pytest.raises(Conflict):
        await memory.save_changes(second)

    assert await draft.get(a_turn()) == "first"


async def test_a_turn_without_a_dialog_writes_nothing(storage: DocumentStorage) -> None:
    memory, turn = DialogMemory(storage), a_turn()

    await memory.load(turn)
    await memory.save_changes(turn)

    assert await storage.read([memory.get_storage_key(turn)]) == {}


async def test_state_is_saved_changed_and_saved_again_in_one_turn(
    storage: DocumentStorage,
) -> None:
    memory, turn = DialogMemory(storage), a_turn()
    draft = memory.create_property("draft")

    for step in range(3):
        await draft.set(turn, {"step": step})
        await memory.save_changes(turn)

    assert await draft.get(a_turn()) == {"step": 2}


async def test_state_can_be_cleared(storage: DocumentStorage) -> None:
    memory, turn = DialogMemory(storage), a_turn()
    draft = memory.create_property("draft")
    await draft.set(turn, "something")
    await memory.save_changes(turn)

    await memory.clear_state(turn)
    await memory.save_changes(turn)

    assert await draft.get(a_turn()) is None


@pytest.mark.parametrize(
    "bomb",
    [
        {"py/object": "os.system", "command": "id"},
        {"py/reduce": [{"py/function": "os.system"}, {"py/tuple": ["id"]}]},
        {"py/type": "subprocess.Popen"},
    ],
)
async def test_a_pickle_bomb_is_inert(
    documents: Documents, storage: DocumentStorage, bomb: dict[str, Any]
) -> None:
    await documents.write("dialog", {"state": bomb}, ANY_ETAG)

    item = await storage.read(["dialog"])

    assert bomb == item["dialog"]["state"]
