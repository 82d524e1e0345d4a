"""Where files may be uploaded, and how the answers are handled."""

import asyncio

import aiohttp
import pytest
from yarl import URL

from bot.transport import clouds
from bot.transport.outbound.uploads import FileHosts, UploadFailed, Uploads
from tests.support.teams import Fault, Teams

PUBLIC = FileHosts(clouds.PUBLIC.file_hosts)


@pytest.fixture
def uploads(teams: Teams, session: aiohttp.ClientSession) -> Uploads:
    return Uploads(session, FileHosts(frozenset(), frozenset({teams.host})))


@pytest.mark.parametrize(
    "url",
    [
        "https://contoso-my.sharepoint.com/personal/a/_api/v2.0/drive/items/x/uploadSession?guid='1'",
        "https://CONTOSO.SharePoint.com/x",
        "https://contoso.sharepoint.com:443/x",
    ],
)
def test_files_may_go_to_onedrive(url: str) -> None:
    assert PUBLIC.allow(URL(url, encoded=True))


@pytest.mark.parametrize(
    "url",
    [
        "http://contoso.sharepoint.com/x",
        "https://sharepoint.com/x",
        "https://evilsharepoint.com/x",
        "https://contoso.sharepoint.com.evil.example/x",
        "https://contoso.sharepoint.com@evil.example/x",
        "https://a:b@contoso.sharepoint.com/x",
        "https://contoso.sharepoint.com:444/x",
        "https://.sharepoint.com/x",
        "https://evil.example/.sharepoint.com",
        "https://127.0.0.1/x",
        "ftp://contoso.sharepoint.com/x",
    ],
)
def test_files_go_nowhere_else(url: str) -> None:
    assert not PUBLIC.allow(URL(url, encoded=True))


def test_bots_can_send_files_in_clouds_that_support_it() -> None:
    assert {cloud.file_hosts for cloud in (clouds.PUBLIC, clouds.CHINA)} == {
        frozenset({".sharepoint.com"}),
        frozenset({".sharepoint.cn"}),
    }
    assert clouds.US_GOVERNMENT.file_hosts == frozenset()


async def test_a_file_is_uploaded_in_one_piece_without_a_token(
    teams: Teams, uploads: Uploads
) -> None:
    await uploads.put(teams.upload_url, b"abc")

    [upload] = teams.uploads
    assert (upload.body, upload.content_range, upload.authorization) == (
        b"abc",
        "bytes 0-2/3",
        None,
    )


async def test_a_large_file_is_uploaded_in_pieces(teams: Teams, uploads: Uploads) -> None:
    body = bytes(range(256)) * 50_000

    await uploads.put(teams.upload_url, body)

    [upload] = teams.uploads
    assert upload.body == body
    assert len(teams.requests) == 3


async def test_no_piece_follows_one_that_was_refused(teams: Teams, uploads: Uploads) -> None:
    teams.fail(Fault(507))

    with pytest.raises(UploadFailed):
        await uploads.put(teams.upload_url, bytes(12_000_000))

    assert len(teams.requests) == 1


@pytest.mark.parametrize("status", [202, 302, 403, 404, 409, 500, 507])
async def test_any_other_answer_is_a_failure_that_hides_the_url(
    teams: Teams, uploads: Uploads, status: int
) -> None:
    teams.fail(Fault(status, location="https://evil.example/"))

    with pytest.raises(UploadFailed) as failed:
        await uploads.put(teams.upload_url, b"abc")

    assert "session" not in str(failed.value)
    assert len(teams.requests) == 1


async def test_an_unreachable_onedrive_is_a_failure(
    teams: Teams, session: aiohttp.ClientSession
) -> None:
    uploads = Uploads(session, FileHosts(frozenset(), frozenset({"127.0.0.1:1"})))

    with pytest.raises(UploadFailed):
        async with asyncio.timeout(5):
            await uploads.put("https://127.0.0.1:1/x", b"abc")
