"""Who holds a lock, and what happens to locks left behind by a crash."""

import asyncio

from services.rotation.locks import Lock, Locks
from services.storage.table import Replace
from tests.support.builders import HOUR
from tests.support.clock import NINE
from tests.support.tables.memory_table import MemoryTable
from tests.support.tables.watched_table import WatchedTable

UNTIL = NINE + HOUR
NAME = "https://kv-demo.vault.azure.net/secrets/app-api-key"


async def _running(holder: str) -> bool:
    return False


async def _over(holder: str) -> bool:
    return True


def _locks() -> Locks:
    return Locks(WatchedTable(MemoryTable()))


async def test_the_first_to_ask_gets_a_free_lock() -> None:
    locks = _locks()

    first = await locks.acquire(NAME, "rot-one", _running)
    second = await locks.acquire(NAME, "rot-two", _running)

    assert [first, second] == ["rot-one", "rot-one"]
    assert await locks.holder(NAME) == "rot-one"


async def test_the_holder_can_ask_again_even_when_it_is_over() -> None:
    locks = _locks()
    await locks.acquire(NAME, "rot-one", _running)

    assert await locks.acquire(NAME, "rot-one", _over) == "rot-one"


async def test_a_holder_that_is_over_loses_its_lock_to_the_next() -> None:
    locks = _locks()
    await locks.acquire(NAME, "rot-one", _running)

    holder = await locks.acquire(NAME, "rot-two", _over)

    assert holder == "rot-two"
    assert await locks.holder(NAME) == "rot-two"


async def _never(holder: str) -> bool:
    return False


async def test_a_lock_names_the_last_holder_that_succeeded_whatever_others_have_tried() -> None:
    locks = _locks()
    await locks.acquire(NAME, "rot-one", _over, _never)
    first = await locks.look(NAME)
    await locks.acquire(NAME, "rot-two", _over, _over)
    await locks.acquire(NAME, "rot-three", _over, _never)
    await locks.acquire(NAME, "rot-three", _over, _never)

    last = await locks.look(NAME)
    assert (first.holder, first.done_by) == ("rot-one", "")
    assert (last.holder, last.done_by) == ("rot-three", "rot-one")


async def test_a_released_lock_is_free() -> None:
    locks = _locks()
    await locks.acquire(NAME, "rot-one", _running)

    await locks.release(NAME, "rot-one")

    assert await locks.holder(NAME) == ""
    assert await locks.acquire(NAME, "rot-two", _running) == "rot-two"


async def test_nobody_can_release_another_holders_lock() -> None:
    locks = _locks()
    await locks.acquire(NAME, "rot-one", _running)

    await locks.release(NAME, "rot-two")
    await locks.release("another name", "rot-two")

    assert await locks.holder(NAME) == "rot-one"


async def test_a_kept_lock_is_noticed_by_those_who_saw_it_free_before() -> None:
    locks = _locks()
    await locks.acquire(NAME, "rot-one", _running)
    looks = []

    async def over_at_first(holder: str) -> bool:
        looks.append(holder)
        await locks.acquire(NAME, "rot-one", _running)
        return len(looks) == 1

    holder = await locks.acquire(NAME, "rot-two", over_at_first)

    assert holder == "rot-one"
    assert looks == ["rot-one", "rot-one"]


async def test_names_are_case_insensitive_and_may_contain_any_character() -> None:
    locks = _locks()
    await locks.acquire(NAME, "rot-one", _running)

    assert await locks.acquire(NAME.upper(), "rot-two", _running) == "rot-one"
    assert await locks.acquire(f"{NAME}?x=#\\", "rot-two", _running) == "rot-two"


async def test_one_of_many_who_ask_at_once_gets_the_lock() -> None:
    locks = _locks()
    everyone = [f"rot-{number}" for number in range(9)]

    told = await asyncio.gather(*(locks.acquire(NAME, one, _running) for one in everyone))

    assert {await locks.holder(NAME)} == set(told)


async def test_one_of_many_who_want_an_old_lock_gets_it() -> None:
    locks = _locks()
    await locks.acquire(NAME, "rot-old", _running)

    async def is_old(holder: str) -> bool:
        return holder == "rot-old"

    everyone = [f"rot-{number}" for number in range(9)]
    told = await asyncio.gather(*(locks.acquire(NAME, one, is_old) for one in everyone))

    assert {await locks.holder(NAME)} == set(told)
    assert told[0] != "rot-old"


async def test_a_lock_remembers_everyone_who_changed_something_under_it() -> None:
    locks = _locks()

    for holder in ("rot-one", "rot-two", "rot-one"):
        before = await locks.begin_change(NAME, holder, _over, UNTIL, NINE)
        await locks.end_change(NAME, before.with_change_by(holder))
        await locks.release(NAME, holder)

    assert (await locks.look(NAME)).changed_by == ("rot-two", "rot-one")


async def test_a_lock_remembers_accepted_changes_until_their_holder_takes_them_back() -> None:
    locks = _locks()
    for holder in ("rot-one", "rot-two"):
        before = await locks.begin_change(NAME, holder, _over, UNTIL, NINE)
        await locks.end_change(NAME, before.with_accepted_change_by(holder))
        await locks.release(NAME, holder)
    both = await locks.look(NAME)

    before = await locks.begin_change(NAME, "rot-one", _over, UNTIL, NINE)
    await locks.end_change(NAME, before.with_change_by("rot-one").taken_back_by("rot-one"))
    await locks.release(NAME, "rot-one")

    assert both.accepted_by == ("rot-one", "rot-two")
    assert (await locks.look(NAME)).accepted_by == ("rot-two",)
    assert (await locks.look(NAME)).changed_by == ("rot-two", "rot-one")


async def test_the_row_of_an_older_version_names_who_changed_something_last() -> None:
    table = MemoryTable()
    locks = Locks(WatchedTable(table))
    await locks.acquire(NAME, "rot-one", _running)
    [row] = table.rows()
    values = {**row.values, "holder": "", "changed_by": "rot-one"}
    await table.transact(row.partition, [Replace(row.key, values, row.etag)])

    await locks.begin_change(NAME, "rot-two", _running, UNTIL, NINE)

    assert (await locks.look(NAME)).changed_by == ("rot-one", "rot-two")


async def test_a_lock_forgets_changes_from_long_ago() -> None:
    lock = Lock()

    for number in range(100):
        lock = lock.with_change_by(f"rot-{number}")

    assert len(lock.changed_by) == 20
    assert lock.changed_by[-1] == "rot-99"
