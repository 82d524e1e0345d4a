"""The script that auditors verify exports with: alone, in plain words, and as the bot computes."""

import ast
import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composition.checkpoints import compose_checkpoints
from domain.audit import checkpoint, evidence
from domain.audit.history import Filter
from domain.checkpoints.checkpoints import MARGIN
from scripts import verify_export as script
from services.audit.files import export
from services.audit.files.export import FIRST_FILE, FilePlace, Format
from tests.support.builders import BO, CY, DANA, EVE, HOUR
from tests.support.clock import NINE
from tests.support.exports import exporter_of
from tests.support.replica import Replica, World
from tests.support.tables.memory_table import MemoryTable
from tests.support.verifier import SCRIPT, Verified, verify_export

DAY = timedelta(days=1)
SEALED = datetime.combine(NINE.date() + DAY, datetime.min.time(), UTC) + MARGIN
"""When the first day's checkpoint is made."""

Json = dict[str, Any]
Tamper = Callable[[Json], object]


@pytest.fixture(scope="module")
def body() -> bytes:
    """Export three days: req-one, which ends on the second, req-two, req-three and req-four."""

    async def made() -> bytes:
        replica = Replica(World(MemoryTable()))
        checkpoints = compose_checkpoints(replica.core)
        await checkpoints.moves.begin()
        await replica.pass_time(13 * HOUR)
        await replica.give(DANA, "req-one", window=4 * HOUR)
        await replica.ask(EVE, "req-two")
        for requester, request_id in ((BO, "req-three"), (CY, "req-four")):
            await replica.pass_time(DAY)
            await replica.ask(requester, request_id)
        await replica.pass_time(SEALED + 2 * DAY + HOUR - replica.clock())
        await replica.settle()
        return (await exporter_of(replica).build(Filter(), Format.JSON)).body

    return asyncio.run(made())


def workflow(whole: Json, name: str) -> Json:
    [found] = [one for one in whole["workflows"] if one["workflow"] == name]
    return dict(found)


def rechain(found: Json) -> None:
    """Compute a workflow's hashes anew, as someone would who covers a change."""
    previous = evidence.root(found["workflow"])
    for number, event in enumerate(found["events"], start=1):
        previous = evidence.link(previous, found["workflow"], number, event["stored_event"])
        event |= {"event_number": number, "event_hash": previous}


def replaced(whole: Json, name: str, change: Callable[[Json], object]) -> None:
    """Change a workflow with its hashes, so that its own chain shows nothing."""
    found = workflow(whole, name)
    change(found)
    rechain(found)
    last = found["events"][-1]["event_hash"]
    whole["workflows"] = [
        found | {"last_hash": last} if one["workflow"] == name else one
        for one in whole["workflows"]
    ]


def event(whole: Json, name: str, number: int) -> Json:
    found: Json = workflow(whole, name)["events"][number - 1]
    return found


def change_text(whole: Json) -> None:
    one = event(whole, "req-one", 2)
    one["stored_event"] = one["stored_event"].replace(" ", "  ").replace('"facts"', '"Facts"')


def kept_of_actor(one: Json) -> Json:
    """Return what stands beside an event for the name of its actor."""
    return next(kept for kept in one["names"].values() if kept["name"] == one["by"])


def rename(one: Json, name: str) -> None:
    """Give someone another name, in all of an event but its hashed text."""
    kept = kept_of_actor(one)
    kept["name"] = one["by"] = name


def erase(one: Json) -> None:
    """Erase the name of an event's actor, as the bot does."""
    kept = kept_of_actor(one)
    del kept["name"], kept["salt"]
    one["by"] = one["by_id"]


def swap_events(whole: Json) -> None:
    events = workflow(whole, "req-one")["events"]
    events[0], events[1] = events[1], events[0]


def move_events(whole: Json) -> None:
    """Swap what happened, and leave the numbers in order."""
    one, two = event(whole, "req-one", 1), event(whole, "req-one", 2)
    one["stored_event"], two["stored_event"] = two["stored_event"], one["stored_event"]
    for name in ("event", "at", "by", "by_id"):
        one[name], two[name] = two[name], one[name]
    one["names"], two["names"] = two["names"], one["names"]


def remove_workflow(whole: Json, name: str) -> None:
    whole["workflows"] = [one for one in whole["workflows"] if one["workflow"] != name]


def add_workflow(whole: Json) -> None:
    """Add a request to the second day, as if it had been there."""
    copy = json.loads(json.dumps(workflow(whole, "req-three")).replace("req-three", "req-nine"))
    rechain(copy)
    whole["workflows"].append(copy | {"last_hash": copy["events"][-1]["event_hash"]})


def add_event(found: Json) -> None:
    found["events"].append(dict(found["events"][-1]))


def make_day_anew(whole: Json) -> None:
    """Leave req-two out of its day, and compute that checkpoint anew."""
    day = whole["checkpoints"][0]
    leaves = [leaf for leaf in day["leaves"] if not leaf.startswith("req-two ")]
    rows = [
        checkpoint.Leaf(name, int(number), last) for name, number, last in map(str.split, leaves)
    ]
    taken = checkpoint.take(date.fromisoformat(day["day"]), rows, day["previous"])
    day |= {
        "leaves": leaves,
        "workflows": taken.workflows,
        "root": taken.root,
        "hash": taken.hash,
    }


TAMPERING: dict[str, tuple[Tamper, str]] = {
    "an event's text": (change_text, "req-one: event 2, or an earlier one, was changed."),
    "what is shown of an event": (
        lambda whole: event(whole, "req-one", 2).update(by="Mallory"),
        "req-one: event 2 is shown with by = 'Mallory', but 'Ada Approver' was recorded.",
    ),
    "when an event is shown": (
        lambda whole: event(whole, "req-one", 2).update(at="2026-03-01T09:00:00+00:00"),
        "req-one: event 2 is shown at '2026-03-01T09:00:00+00:00', but ",
    ),
    "a name": (
        lambda whole: rename(event(whole, "req-one", 2), "Mallory"),
        "req-one: a name in event 2 was changed.",
    ),
    "a name that nothing stands for": (
        lambda whole: event(whole, "req-one", 3)["names"].update(
            {f"name:{'0' * 64}": {"ids": [], "name": "Mallory", "salt": "00"}}
        ),
        "req-one: a name in event 3 was changed.",
    ),
    "names that could not be read": (
        lambda whole: event(whole, "req-one", 2).update(names="[broken"),
        "req-one: a name in event 2 was changed.",
    ),
    "the order of events": (swap_events, "req-one: event 1 was removed."),
    "the order of what happened": (
        move_events,
        "req-one: event 1, or an earlier one, was changed.",
    ),
    "an event is gone": (
        lambda whole: workflow(whole, "req-one")["events"].pop(1),
        "req-one: event 2 was removed.",
    ),
    "the last event is gone": (
        lambda whole: workflow(whole, "req-one")["events"].pop(),
        "req-one: the last events were removed, or some were added",
    ),
    "the last event is gone and the hashes follow": (
        lambda whole: replaced(whole, "req-one", lambda found: found["events"].pop()),
        "req-one: event 6 was removed: 2026-03-03 lists it.",
    ),
    "an event is there twice": (
        lambda whole: add_event(workflow(whole, "req-one")),
        "req-one: event 7 was added.",
    ),
    "an event was added and the hashes follow": (
        lambda whole: replaced(whole, "req-three", add_event),
        "req-three: event 3 was added to 2026-03-04 after its checkpoint was made.",
    ),
    "an event was changed and the hashes follow": (
        lambda whole: replaced(whole, "req-one", lambda _: change_text(whole)),
        "req-one was changed: event 3, or an earlier one, isn't the one that 2026-03-02 lists.",
    ),
    "a workflow is gone": (
        lambda whole: remove_workflow(whole, "req-two"),
        "req-two was removed: 2026-03-02 lists it.",
    ),
    "what isn't in the history is gone": (
        lambda whole: whole["others"].clear(),
        "checkpoints was removed: 2026-03-03 lists it.",
    ),
    "a workflow was added": (
        add_workflow,
        "req-nine was added to 2026-03-03 after its checkpoint was made.",
    ),
    "a workflow is there twice": (
        lambda whole: whole["workflows"].append(workflow(whole, "req-two")),
        "req-two is in the file twice.",
    ),
    "a root": (
        lambda whole: whole["checkpoints"][1].update(root="00" * 32),
        "2026-03-03: the checkpoint was changed.",
    ),
    "a day's hash": (
        lambda whole: whole["checkpoints"][1].update(hash="00" * 32),
        "2026-03-04 isn't chained to 2026-03-03: one of the two was made anew, or changed.",
    ),
    "a day that was made anew": (
        make_day_anew,
        "2026-03-03 isn't chained to 2026-03-02: one of the two was made anew, or changed.",
    ),
    "a day's list": (
        lambda whole: whole["checkpoints"][1]["leaves"].pop(),
        "2026-03-03: the list of its workflows isn't the one that its checkpoint was made from",
    ),
    "a day is gone": (
        lambda whole: whole["checkpoints"].pop(1),
        "2026-03-03: removed from the chain of days.",
    ),
    "the order of days": (
        lambda whole: whole["checkpoints"].reverse(),
        "2026-03-03 comes after 2026-03-04: the days were moved.",
    ),
}


async def verified(folder: Path, body: bytes, tamper: Tamper) -> Verified:
    whole = json.loads(body)
    tamper(whole)
    return await verify_export(folder, json.dumps(whole).encode())


@pytest.mark.parametrize("what", TAMPERING)
async def test_what_was_tampered_with_is_named(body: bytes, tmp_path: Path, what: str) -> None:
    tamper, named = TAMPERING[what]

    found = await verified(tmp_path, body, tamper)

    assert found.status == 1
    assert named in found.words
    assert "This isn't what Latchkey recorded" in found.words
    assert "Nothing was changed" not in found.words


async def test_an_untouched_file_passes(body: bytes, tmp_path: Path) -> None:
    found = await verified(tmp_path, body, lambda _: None)

    assert found.status == 0
    assert "Wrong" not in found.words
    assert "In all 5 workflows, each event is chained to the one before" in found.words
    assert "from 2026-03-02, the first one of all, to 2026-03-04" in found.words
    assert "Nothing was changed, added or removed, as far as this file shows." in found.words


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (lambda whole: whole.pop("checkpoints"), "The file has no daily checkpoints"),
        (lambda whole: whole["checkpoints"].pop(), "The days end with 2026-03-03, but the file"),
        (lambda whole: whole.update(others=None), "since there were too many"),
        (
            lambda whole: whole["checkpoints"][1].update(leaves=None),
            "The file doesn't list the workflows of 2026-03-03",
        ),
    ],
)
async def test_what_the_file_cannot_show_is_said(
    body: bytes, tmp_path: Path, tamper: Tamper, said: str
) -> None:
    found = await verified(tmp_path, body, tamper)

    assert found.status == 0
    assert "Not shown" in found.words
    assert said in found.words


async def test_erased_names_are_counted_and_break_nothing(body: bytes, tmp_path: Path) -> None:
    def erase_two(whole: Json) -> None:
        erase(event(whole, "req-one", 1))
        erase(event(whole, "req-two", 1))

    found = await verified(tmp_path, body, erase_two)

    assert found.status == 0
    assert "2 names were erased. Who it was is shown by object ID only." in found.words


async def test_events_with_their_names_in_the_text_are_verified_as_they_are(
    body: bytes, tmp_path: Path
) -> None:
    def write_as_before(found: Json) -> None:
        old = found["events"][0]
        for token, kept in old.pop("names").items():
            old["stored_event"] = old["stored_event"].replace(token, kept["name"])

    def tamper(whole: Json) -> None:
        replaced(whole, "req-four", write_as_before)
        del whole["checkpoints"]

    found = await verified(tmp_path, body, tamper)

    assert found.status == 0


async def test_events_older_than_the_chain_are_said_not_to_be_covered(
    body: bytes, tmp_path: Path
) -> None:
    def unchain(whole: Json) -> None:
        found = workflow(whole, "req-four")
        found["events"][0]["event_hash"] = ""
        whole["workflows"] = [found | {"last_hash": ""}]
        del whole["checkpoints"]

    found = await verified(tmp_path, body, unchain)

    assert found.status == 0
    assert "req-four: the first 1 of 1 events are older than the chain" in found.words


@pytest.mark.parametrize(
    "cut",
    [
        lambda body: body[: len(body) // 2],
        lambda body: body[:-1],
        lambda body: b"",
        lambda body: b"[]",
        lambda body: b"workflow;kind\n",
        lambda body: b"[" * 100_000,
        lambda body: body.replace(b'"root"', b'"toor"', 1),
        lambda body: body.replace(b'"workflows": 2', b'"workflows": true', 1),
        lambda body: body.replace(b'"is_whole"', b'"workflows": [], "is_whole"', 1),
        lambda body: body.replace(b"2026-03-02", b"2026-02-30"),
        lambda body: body.replace(b'"leaves": [', b'"leaves": [7, ', 1),
        lambda body: body.replace(b"req-one", b"req-\xff"),
        lambda body: body.replace(b'"salt": "', b'"salt": "no', 1),
        lambda body: body.replace(b'"salt": "', b'"tlas": "', 1),
    ],
)
async def test_a_file_that_is_not_whole_cannot_be_verified(
    body: bytes, tmp_path: Path, cut: Callable[[bytes], bytes]
) -> None:
    assert cut(body) != body

    found = await verify_export(tmp_path, cut(body))

    assert found.status == 2
    assert "can't be verified." in found.words
    assert "Traceback" not in found.words


@pytest.mark.parametrize("unreadable", ["", "a", "name:"])
async def test_names_that_cannot_be_read_are_noticed(
    body: bytes, tmp_path: Path, unreadable: str
) -> None:
    def garble(whole: Json) -> None:
        event(whole, "req-one", 3)["names"] = unreadable

    found = await verified(tmp_path, body, garble)

    assert found.status == 1
    assert "req-one: a name in event 3 was changed" in found.words


async def test_what_is_no_fingerprint_is_refused(body: bytes, tmp_path: Path) -> None:
    found = await verify_export(tmp_path, body, "--fingerprint", "3fa9-0c12")

    assert found.status == 2
    assert "isn't a fingerprint of 20 digits" in found.words


async def test_no_text_of_the_file_reaches_the_terminal_unprinted(
    body: bytes, tmp_path: Path
) -> None:
    def color(whole: Json) -> None:
        event(whole, "req-one", 2)["by"] = "\x1b[2J\u202e"
        workflow(whole, "req-two")["events"].pop()
        whole["workflows"].append(workflow(whole, "req-two") | {"workflow": "\x1b[2Jreq"})

    found = await verified(tmp_path, body, color)

    assert found.status == 1
    assert "\x1b" not in found.words
    assert "\u202e" not in found.words


# Several files are verified as one export.


@pytest.fixture(scope="module")
def parts() -> list[bytes]:
    """Export six days in three files, each of a request; between them are days without any."""

    async def made() -> list[bytes]:
        replica = Replica(World(MemoryTable()))
        checkpoints = compose_checkpoints(replica.core)
        await checkpoints.moves.begin()
        await replica.pass_time(HOUR)
        for requester, request_id in ((DANA, "req-one"), (EVE, "req-two"), (BO, "req-three")):
            await replica.give(requester, request_id, window=HOUR)
            await replica.pass_time(2 * DAY)
        await replica.settle()
        bodies: list[bytes] = []
        place: FilePlace | None = FIRST_FILE
        while place:
            made = await exporter_of(replica).build(Filter(), Format.JSON, place=place)
            bodies.append(made.body)
            place = made.following
        return bodies

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "MOST", 1)
        return asyncio.run(made())


async def verified_files(folder: Path, bodies: Sequence[bytes], *arguments: str) -> Verified:
    """Verify files that are given in the wrong order."""
    for number, each in enumerate(bodies):
        (folder / f"{number}.json").write_bytes(each)
    others = [str(folder / f"{number}.json") for number in range(1, len(bodies))]
    return await verify_export(folder, bodies[0], *others[::-1], *arguments)


def changed(body: bytes, tamper: Callable[[Json], object]) -> bytes:
    whole = json.loads(body)
    tamper(whole)
    return json.dumps(whole).encode()


async def test_all_files_of_an_export_are_verified_as_one(
    parts: list[bytes], tmp_path: Path
) -> None:
    found = await verified_files(tmp_path, parts)

    assert found.status == 0, found.words
    assert "3 workflows in 3 files, and 6 days" in found.words
    assert "Each day is chained to the one before, from 2026-03-02, the first one" in found.words
    assert "Every workflow that these days list is in the file" in found.words
    assert "as far as these 3 files show." in found.words


async def test_a_folder_stands_for_the_files_in_it(parts: list[bytes], tmp_path: Path) -> None:
    folder = tmp_path / "exported"
    folder.mkdir()
    for number, each in enumerate(parts):
        (folder / f"latchkey-{number}.json").write_bytes(each)

    assert script.main([str(folder)]) == 0


async def test_each_file_can_be_verified_alone(parts: list[bytes], tmp_path: Path) -> None:
    assert [(await verify_export(tmp_path, each)).status for each in parts] == [0, 0, 0]


async def test_a_workflow_that_is_missing_from_all_files_is_noticed(
    parts: list[bytes], tmp_path: Path
) -> None:
    def remove(whole: Json) -> None:
        for where in ("workflows", "others"):
            whole[where] = [one for one in whole[where] if one["workflow"] != "req-two"]

    found = await verified_files(tmp_path, [changed(each, remove) for each in parts])

    assert found.status == 1
    assert "req-two was removed" in found.words


async def test_a_day_that_two_files_have_differently_is_noticed(
    parts: list[bytes], tmp_path: Path
) -> None:
    def make_anew(whole: Json) -> None:
        last = whole["checkpoints"][-1]
        last["workflows"], last["leaves"], last["root"] = 0, [], sha256().hexdigest()
        last["hash"] = script.day_hash(last["previous"], last["day"], 0, last["root"])

    found = await verified_files(tmp_path, [parts[0], changed(parts[1], make_anew), parts[2]])

    assert found.status == 1
    assert "two files have different checkpoints" in found.words


async def test_a_workflow_that_two_files_have_differently_is_noticed(
    parts: list[bytes], tmp_path: Path
) -> None:
    copies = json.loads(parts[2])["workflows"]

    def copy(whole: Json) -> None:
        whole["workflows"] += copies
        replaced(whole, "req-one", lambda one: one["events"][-1].update(stored_event="{}"))

    found = await verified_files(tmp_path, [changed(parts[0], copy), *parts[1:]])

    assert found.status == 1
    assert "req-one was changed: two files have different events of it" in found.words


async def test_a_missing_file_in_the_middle_is_no_whole_export(
    parts: list[bytes], tmp_path: Path
) -> None:
    found = await verified_files(tmp_path, [parts[0], parts[2]])

    assert found.status == 2
    assert "their numbers are 1, 3" in found.words


async def test_the_same_file_twice_is_no_whole_export(parts: list[bytes], tmp_path: Path) -> None:
    assert (await verified_files(tmp_path, [parts[0], parts[0]])).status == 2


async def test_files_at_the_ends_that_are_not_there_are_named(
    parts: list[bytes], tmp_path: Path
) -> None:
    newer = await verified_files(tmp_path, parts[:2])
    older = await verified_files(tmp_path, parts[1:])

    assert (newer.status, older.status) == (0, 0)
    assert "File 2 isn't the last one: older ones weren't given" in newer.words
    assert "The files begin with file 2: newer ones weren't given" in older.words


async def test_files_about_different_people_are_no_export(
    parts: list[bytes], tmp_path: Path
) -> None:
    def narrow(whole: Json) -> None:
        whole["person"] = "Dana"

    found = await verified_files(tmp_path, [parts[0], changed(parts[1], narrow), parts[2]])

    assert found.status == 2
    assert "different exports" in found.words


# It needs nothing of the project, and computes as the project does.


def test_it_imports_nothing_but_the_standard_library() -> None:
    tree = ast.parse(SCRIPT.read_text(), feature_version=(3, 9))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or "."]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert imported
    assert imported - sys.stdlib_module_names == set()


TEXTS = st.text(max_size=20)
LEAVES = st.lists(
    st.builds(
        checkpoint.Leaf,
        st.text(st.characters(codec="utf-8"), max_size=8),
        st.integers(0, 10**6),
        st.text("0123456789abcdef", max_size=4),
    ),
    max_size=40,
)


@given(st.text(st.characters(codec="utf-8")), TEXTS, st.integers(), TEXTS)
def test_its_hashes_of_events_are_the_ones_of_the_domain(
    workflow_id: str, previous: str, number: int, text: str
) -> None:
    linked = script.event_hash(previous, workflow_id, number, text)

    assert linked == evidence.link(previous, workflow_id, number, text)
    assert script.first_hash(workflow_id) == evidence.root(workflow_id)
    assert script.fingerprint(linked) == evidence.fingerprint(linked)


@given(LEAVES, st.dates(), TEXTS)
def test_its_hashes_of_days_are_the_ones_of_the_domain(
    leaves: list[checkpoint.Leaf], day: date, previous: str
) -> None:
    taken = checkpoint.take(day, leaves, previous)
    root = script.root_of(script.Leaf(one.workflow, one.number, one.hash) for one in leaves)

    assert root == taken.root
    assert script.day_hash(previous, day.isoformat(), len(leaves), root) == taken.hash
    assert script.FIRST_DAY == checkpoint.FIRST


@given(st.data())
def test_no_value_that_is_covered_can_be_changed(body: bytes, data: st.DataObject) -> None:
    whole = json.loads(body)
    workflows = st.sampled_from([*whole["workflows"], *whole["others"]])
    holder = data.draw(
        st.one_of(
            st.sampled_from(whole["checkpoints"]),
            workflows.flatmap(lambda one: st.sampled_from(one["events"])),
        )
    )
    name = data.draw(st.sampled_from(sorted(holder.keys() - {"day"})))
    value = holder[name]
    if name == "leaves":
        changed: object = data.draw(st.permutations(value).map(lambda some: some[1:]))
    elif isinstance(value, int):
        changed = data.draw(st.integers())
    else:
        changed = data.draw(st.text(st.characters(codec="utf-8")) | st.just(f"{value} "))
    holder[name] = changed

    _, report = script.verify([script.read(json.dumps(whole))])

    assert bool(report.wrong) == (changed != value)
