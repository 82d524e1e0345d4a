"""The archive in Blob Storage: the contract that the fake has too, on Azurite."""

from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest

from services.azure.blobs import BlobArchive
from services.azure.calls.pipeline import Pipeline, open_pipeline
from services.faults import NotPermitted, Rejected, Unavailable
from services.retention.archive import Archive
from tests.support.tables.azurite_blobs import (
    AzuriteBlobs,
    an_archive,
    create_container,
    running_azurite_blobs,
)
from tests.support.tables.memory_archive import MemoryArchive

NAME = "2026-03-02/0000-0000-0123456789abcdef.jsonl"
_NUMBERS = count(1)


@pytest.fixture(scope="module")
def azurite_blobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzuriteBlobs]:
    with running_azurite_blobs(tmp_path_factory.mktemp("azurite-blobs")) as running:
        yield running


@pytest.fixture
async def connections(
    azurite_blobs: AzuriteBlobs, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Pipeline]:
    monkeypatch.setenv("SSL_CERT_FILE", str(azurite_blobs.ca_file))
    async with open_pipeline() as opened:
        yield opened


@pytest.fixture
async def blobs(azurite_blobs: AzuriteBlobs, connections: Pipeline) -> AsyncIterator[BlobArchive]:
    address = f"{azurite_blobs.url}/archive{next(_NUMBERS)}"
    async with an_archive(connections, address) as opened:
        await create_container(opened, address)
        yield opened


@pytest.fixture(params=["memory", "azurite"])
def archive(request: pytest.FixtureRequest) -> Archive:
    if request.param == "memory":
        return MemoryArchive()
    real: Archive = request.getfixturevalue("blobs")
    return real


async def test_a_file_is_read_as_it_was_kept(archive: Archive) -> None:
    content = b'{"workflow":"req-one"}\n\xe2\x80\xa6\n' * 1_000

    await archive.keep(NAME, content)

    assert await archive.read(NAME) == content


async def test_there_is_nothing_under_another_name(archive: Archive) -> None:
    await archive.keep(NAME, b"one")

    assert await archive.read("2026-03-03/0000.jsonl") is None


async def test_the_first_file_of_a_name_stays(archive: Archive) -> None:
    await archive.keep(NAME, b"first")
    await archive.keep(NAME, b"second")

    assert await archive.read(NAME) == b"first"


async def test_a_container_that_is_missing_is_said(
    azurite_blobs: AzuriteBlobs, connections: Pipeline
) -> None:
    async with an_archive(connections, f"{azurite_blobs.url}/missing") as missing:
        with pytest.raises(Rejected, match="container does not exist"):
            await missing.read(NAME)
        with pytest.raises(Rejected, match="container does not exist"):
            await missing.keep(NAME, b"one")


async def test_a_token_for_something_else_is_not_accepted(
    azurite_blobs: AzuriteBlobs, connections: Pipeline
) -> None:
    address, other = f"{azurite_blobs.url}/any", "https://vault.azure.net"
    async with an_archive(connections, address, audience=other) as refused:
        with pytest.raises((NotPermitted, Rejected)):
            await refused.read(NAME)


async def test_an_archive_that_cannot_be_reached_is_unavailable(connections: Pipeline) -> None:
    async with an_archive(connections, "https://127.0.0.1:1/account/archive") as gone:
        with pytest.raises(Unavailable):
            await gone.read(NAME)
