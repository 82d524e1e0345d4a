"""Documents by key, in the in-memory table and the real one."""

import pytest

from services.faults import Conflict
from services.storage.documents import ANY_ETAG, Documents, DocumentTooLarge
from services.storage.table import Table
from tests.support.tables.memory_table import MemoryTable


@pytest.fixture(params=["memory", "azurite"])
def documents(request: pytest.FixtureRequest) -> Documents:
    table: Table = (
        MemoryTable() if request.param == "memory" else request.getfixturevalue("azurite_table")
    )
    return Documents(table)


async def test_a_long_document_is_read_back_whole(documents: Documents) -> None:
    long = {"text": "Grüße 🎉 " * 8_000}

    await documents.write("dialog", long, None)
    found = await documents.read(["dialog"])

    assert long == found["dialog"].content


async def test_a_document_that_is_too_large_is_refused_with_its_size(documents: Documents) -> None:
    with pytest.raises(DocumentTooLarge, match="the document has 500,011 characters of JSON"):
        await documents.write("dialog", {"text": "x" * 500_000}, None)


async def test_a_document_is_created_once(documents: Documents) -> None:
    await documents.write("dialog", {"step": 1}, None)

    with pytest.raises(Conflict):
        await documents.write("dialog", {"step": 2}, None)


@pytest.mark.parametrize("key", ["a/b\\c#d?e", "\x00\t\n", "x" * 5_000, "Ünï/🎉", ""])
async def test_any_key_is_accepted(documents: Documents, key: str) -> None:
    await documents.write(key, {"step": 1}, None)

    assert list(await documents.read([key, "another"])) == [key]


async def test_overwriting_needs_no_knowledge_of_the_old_content(documents: Documents) -> None:
    await documents.write("dialog", {"step": 1}, ANY_ETAG)
    await documents.write("dialog", {"step": 2}, ANY_ETAG)

    assert (await documents.read(["dialog"]))["dialog"].content == {"step": 2}


async def test_a_stale_etag_overwrites_nothing(documents: Documents) -> None:
    stale = await documents.write("dialog", {"step": 1}, None)
    fresh = await documents.write("dialog", {"step": 2}, stale)

    with pytest.raises(Conflict):
        await documents.write("dialog", {"step": 3}, stale)

    assert (await documents.read(["dialog"]))["dialog"] == ({"step": 2}, fresh)


async def test_a_deleted_document_is_gone_and_can_be_deleted_again(documents: Documents) -> None:
    await documents.write("dialog", {"step": 1}, None)

    await documents.delete("dialog")
    await documents.delete("dialog")

    assert await documents.read(["dialog"]) == {}
