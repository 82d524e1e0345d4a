"""The integrity of the audit record: changes to the table by others are detected."""

from azure.data.tables.aio import TableClient

from services.storage import keys
from tests.outside.scenarios import correlation_id, granted
from tests.support.deployment import AVERY, ROBIN
from tests.support.latchkey import Latchkey


async def test_tampering_is_reported_with_the_event(latchkey: Latchkey) -> None:
    request_id = correlation_id(await granted(latchkey))
    async with latchkey.open_table() as table:
        await _forge(table, request_id)

    card = await latchkey.say(AVERY, f"verify {request_id}")

    assert card.status == "Broken: event 2 or an earlier one was changed"
    assert "fingerprint" not in card.words


async def _forge(table: TableClient, request_id: str) -> None:
    """Change the record so that someone else approved the request."""
    key = keys.event_key(request_id, 2)
    event = await table.get_entity(keys.shard_of(request_id), key)
    event["event"] = event["event"].replace(AVERY.object_id, ROBIN.object_id)
    await table.update_entity(event)
