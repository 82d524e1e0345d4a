"""Verify an export of Latchkey without Latchkey: `python verify_export.py EXPORT.json`.

This one file is all that is needed, with any Python from 3.9 on. It imports nothing but the
standard library, opens nothing but the export, and changes nothing.

    python verify_export.py EXPORT.json --fingerprint 3fa9-0c12-77de-1b2c-90aa

An export of several files is verified as one: give all of them, in any order, or their folder.

    python verify_export.py EXPORT-1.json EXPORT-2.json EXPORT-3.json
    python verify_export.py FOLDER

The fingerprints are in the audit channel. Latchkey posts one for each day, and one with each event
of a request or rotation.

Exit status: 0 if nothing is wrong, 1 if something was changed, added or removed, and 2 if a file
can't be read as an export, or the files aren't of one export.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta, timezone
from hashlib import sha256
from hmac import digest as hmac_digest
from pathlib import Path
from typing import Any, NamedTuple

UTC = timezone(timedelta(0))  # datetime.UTC is newer than Python 3.9

FIRST_DAY = sha256(b"checkpoints").hexdigest()
"""What the first day of all is chained to."""

SHORTEST = 20
"""How many hexadecimal digits a fingerprint has."""

MOST_NAMED = 20
"""How many findings of each kind are printed."""


# What is hashed.


def event_hash(previous: str, workflow: str, number: int, text: str) -> str:
    """Return the hash of an event; the first one's previous hash is that of the workflow's ID."""
    return _hash(f"{previous}\n{workflow}\n{number}\n{text}")


def commitment(name: str, salt: bytes) -> str:
    """Return what stands for a name in the text of an event."""
    return f"name:{hmac_digest(salt, _bytes(name), 'sha256').hex()}"


def first_hash(workflow: str) -> str:
    """Return what a workflow's first event is chained to."""
    return _hash(workflow)


def day_hash(previous: str, day: str, workflows: int, root: str) -> str:
    """Return the hash of a day's checkpoint."""
    return _hash(f"{previous}\n{day}\n{workflows}\n{root}")


def root_of(leaves: Iterable[Leaf]) -> str:
    """Return the Merkle root of a day's leaves, in the order of their workflows (RFC 6962)."""
    texts = [f"{leaf.workflow}\n{leaf.number}\n{leaf.hash}" for leaf in sorted(leaves)]
    level = [sha256(b"\x00" + _bytes(text)).digest() for text in texts]
    if not level:
        return sha256().hexdigest()
    while len(level) > 1:
        pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
        # The last node of an odd level moves up as it is.
        level = [
            sha256(b"\x01" + b"".join(pair)).digest() if pair[1:] else pair[0] for pair in pairs
        ]
    return level[0].hex()


def fingerprint(whole: str) -> str:
    """Shorten a hash as the audit channel shows it."""
    return "-".join(whole[at : at + 4] for at in range(0, SHORTEST, 4))


def _hash(text: str) -> str:
    return sha256(_bytes(text)).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # no text can stop the verification


# What the file holds.


class Malformed(Exception):
    """A file isn't a whole export, or several aren't parts of one."""


class Leaf(NamedTuple):
    """A workflow's last event of a day."""

    workflow: str
    number: int
    hash: str


class Day(NamedTuple):
    """A day's checkpoint; leaves are None if the file doesn't list them."""

    day: str
    workflows: int
    root: str
    previous: str
    hash: str
    leaves: list[Leaf] | None

    @property
    def date(self) -> date:
        return date.fromisoformat(self.day)


class Name(NamedTuple):
    """A name and its salt; both are None if they were erased."""

    name: str | None
    salt: bytes | None


class Event(NamedTuple):
    """An event as stored, and what the file shows of it next to that.

    ``names`` are by what stands for them in the text. In older events they stand there themselves.
    """

    number: int
    text: str
    hash: str
    shown: dict[str, str]
    names: dict[str, Name]


class Workflow(NamedTuple):
    """A request, a rotation or anything else with events; ``last_hash`` is what its head says."""

    name: str
    events: list[Event]
    last_hash: str | None


class Export(NamedTuple):
    """What a file holds. ``others`` are workflows that only its days asked for.

    The first file of an export has the newest workflows.
    """

    exported_at: datetime
    person: str | None
    secret: str | None
    opened_since: str | None
    workflows: list[Workflow]
    others: list[Workflow] | None
    days: list[Day] | None
    number: int = 1
    is_last: bool = True

    @property
    def is_filtered(self) -> bool:
        return bool(self.person or self.secret)


def read(text: str) -> Export:
    """Read an export; raises Malformed."""
    try:
        whole = json.loads(text, object_pairs_hook=_no_name_twice)
    except (ValueError, RecursionError) as error:
        raise Malformed(
            f"It isn't whole, or it isn't JSON ({error}). An export can be verified if it was made "
            "with `export json`, and only if all of it is there."
        ) from None
    if not isinstance(whole, dict):
        raise Malformed("It is JSON, but not an export.")
    others, days = whole.get("others"), whole.get("checkpoints")
    return Export(
        exported_at=_instant(_text(whole, "exported_at")),
        person=_text_or_none(whole, "person"),
        secret=_text_or_none(whole, "secret"),
        opened_since=_text_or_none(whole, "opened_since"),
        workflows=[_workflow(one, _text(one, "last_hash")) for one in _list(whole, "workflows")],
        others=None if others is None else [_workflow(one) for one in _list(whole, "others")],
        days=None if days is None else [_day(one) for one in _list(whole, "checkpoints")],
        number=_number(whole, "file") if "file" in whole else 1,
        is_last=whole.get("is_last_file") is not False,
    )


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object in which readers could see different values under one name."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it has two values under one name")
    return found


def _workflow(found: Any, last_hash: str | None = None) -> Workflow:
    events = [
        Event(
            number=_number(one, "event_number"),
            text=_text(one, "stored_event"),
            hash=_text(one, "event_hash"),
            shown={name: _text(one, name) for name in ("event", "at", "by", "by_id")},
            names=_names(one),
        )
        for one in _list(found, "events")
    ]
    return Workflow(_text(found, "workflow"), events, last_hash)


def _names(found: Any) -> dict[str, Name]:
    names = found.get("names")
    if names is None:
        return {}
    if isinstance(names, str):  # Latchkey couldn't read them
        return {names: Name(None, None)}
    return {token: _name(one) for token, one in _typed(found, "names", dict).items()}


def _name(found: Any) -> Name:
    if isinstance(found, dict) and "name" not in found and "salt" not in found:
        return Name(None, None)
    try:
        return Name(_text(found, "name"), bytes.fromhex(_text(found, "salt")))
    except ValueError:
        raise Malformed("It isn't a whole export: a salt isn't hexadecimal.") from None


def _day(found: Any) -> Day:
    leaves = None if found.get("leaves") is None else [_leaf(one) for one in found["leaves"]]
    day = Day(
        day=_text(found, "day"),
        workflows=_number(found, "workflows"),
        root=_text(found, "root"),
        previous=_text(found, "previous"),
        hash=_text(found, "hash"),
        leaves=leaves,
    )
    try:
        is_written_alike = day.date.isoformat() == day.day
    except ValueError:
        is_written_alike = False
    if not is_written_alike:
        raise Malformed(f"{day.day!r} isn't a day.")
    return day


def _leaf(found: Any) -> Leaf:
    match = re.fullmatch(r"(\S+) ([1-9][0-9]{0,8}) ([0-9a-f]*)", str(found), re.ASCII)
    if not match:
        raise Malformed(f"{str(found)[:80]!r} isn't a workflow with its last event of a day.")
    return Leaf(match[1], int(match[2]), match[3])


def _instant(text: str) -> datetime:
    """Read an instant, which Python 3.9 can't do if it ends with Z."""
    match = re.fullmatch(
        r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", text, re.ASCII
    )
    if not match:
        raise Malformed(f"{text[:80]!r} isn't a time.")
    zone = "+00:00" if match[3] == "Z" else match[3]
    fraction = (match[2] or ".").ljust(7, "0")
    try:
        return datetime.fromisoformat(match[1] + fraction + zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed(f"{text!r} isn't a time.") from None


def _text(found: Any, name: str) -> str:
    return str(_typed(found, name, str))


def _text_or_none(found: Any, name: str) -> str | None:
    return None if found.get(name) is None else _text(found, name)


def _number(found: Any, name: str) -> int:
    return int(_typed(found, name, int))


def _list(found: Any, name: str) -> list[Any]:
    return list(_typed(found, name, list))


def _typed(found: Any, name: str, kind: type) -> Any:
    value = found.get(name) if isinstance(found, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Malformed(
            f"It isn't a whole export: {name!r} is missing, or isn't what it should be."
        )
    return value


# What is said about it.


class Report:
    """What is wrong, what is shown, and what can't be said."""

    def __init__(self) -> None:
        self.source = "this file shows"
        self.wrong: list[str] = []
        self.shown: list[str] = []
        self.unknown: list[str] = []

    @property
    def sentence(self) -> str:
        """The result in one sentence."""
        if self.wrong:
            return "This isn't what Latchkey recorded: see what is wrong above."
        return f"Nothing was changed, added or removed, as far as {self.source}."

    def lines(self) -> list[str]:
        """Return all of it for people to read."""
        lines: list[str] = []
        for title, said in (
            ("Wrong", self.wrong),
            ("Shown", self.shown),
            ("Not shown", self.unknown),
        ):
            if said:
                lines += [title, *(line for one in said[:MOST_NAMED] for line in _item(one))]
                if said[MOST_NAMED:]:
                    lines += _item(f"… and {len(said) - MOST_NAMED} more")
                lines.append("")
        return [*lines, self.sentence]


def _item(text: str) -> list[str]:
    printable = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
    return textwrap.wrap(
        printable,
        96,
        initial_indent="- ",
        subsequent_indent="  ",
        break_on_hyphens=False,
        break_long_words=False,
    )


class Chain(NamedTuple):
    """A workflow's events as recomputed: ``hashes`` up to the first flaw, if there is one.

    ``last_on`` has the number of the last event of each day.
    """

    hashes: list[str]
    events: int
    last_on: dict[str, int]
    is_flawed: bool


def verify(files: Iterable[Export], fingerprints: Sequence[str] = ()) -> tuple[Export, Report]:
    """Verify the files of an export; raises Malformed if they aren't of one.

    Fingerprints are hexadecimal, without hyphens. Returns the export as one file, without the
    events, since of each file only the hashes are kept in memory.
    """
    report = Report()
    chains: dict[str, Chain] = {}
    parts: list[Export] = []
    erased = 0
    for file in files:
        _join(chains, _verify_workflows(file, report), report)
        erased += _erased_names(file)
        parts.append(_without_events(file))
    export = _together(parts, report)
    _say_of_chains(chains, erased, report)
    flaws = len(report.wrong)
    _verify_days(export, report)
    days_are_chained = len(report.wrong) == flaws
    _compare(export, chains, report)
    _compare_fingerprints(export, chains, fingerprints, report, days_are_chained=days_are_chained)
    report.unknown += [
        "A workflow that was removed before its day's checkpoint was made was never part of it.",
        "What each workflow shows above its events, such as its state, isn't covered by the chain.",
        "What was really assigned and read in Azure is in Azure's own logs.",
    ]
    return export, report


def _without_events(file: Export) -> Export:
    """Return a file with the names of its workflows alone; whether there are others is kept."""
    names = [workflow._replace(events=[]) for workflow in file.workflows]
    return file._replace(workflows=names, others=None if file.others is None else [])


def _together(parts: Sequence[Export], report: Report) -> Export:
    """Put the files of one export together; raises Malformed if they aren't of one."""
    first, *following = sorted(parts, key=lambda part: part.number)
    if any((one.person, one.secret) != (first.person, first.secret) for one in following):
        raise Malformed("The files are of different exports: they are about different things.")
    numbers = [first.number, *(one.number for one in following)]
    if numbers != list(range(first.number, first.number + len(numbers))):
        listed = ", ".join(map(str, numbers))
        raise Malformed(
            f"The files aren't one export: their numbers are {listed}. Give each file "
            "once, and all of those in between."
        )
    if following:
        report.source = f"these {len(numbers)} files show"
        report.unknown += _missing_ends(first, following[-1])
    files = [first, *following]
    is_complete = all(one.others is not None for one in files)
    return first._replace(
        workflows=[workflow for one in files for workflow in one.workflows],
        others=[] if is_complete else None,
        days=_days_of(files[::-1], report),
        opened_since=files[-1].opened_since,
        is_last=files[-1].is_last,
    )


def _missing_ends(first: Export, last: Export) -> Iterator[str]:
    if first.number > 1:
        yield f"The files begin with file {first.number}: newer ones weren't given."
    if not last.is_last:
        yield f"File {last.number} isn't the last one: older ones weren't given."


def _days_of(files: Sequence[Export], report: Report) -> list[Day] | None:
    """Return the days of files, oldest first; two that meet have a day in common."""
    days: list[Day] = []
    for file in files:
        before = {day.day: at for at, day in enumerate(days)}
        for day in file.days or ():
            at = before.get(day.day)
            if at is None:
                days.append(day)
            elif days[at].hash != day.hash:
                report.wrong.append(f"{day.day}: two files have different checkpoints.")
            elif days[at].leaves is None:
                days[at] = day
    return None if all(file.days is None for file in files) else days


def _join(chains: dict[str, Chain], found: dict[str, Chain], report: Report) -> None:
    """Add a file's chains; of one that another file has too, the longer one counts."""
    for name, chain in found.items():
        known = chains.get(name, chain)
        shorter, longer = sorted((known, chain), key=lambda one: one.events)
        is_flawed = shorter.is_flawed or longer.is_flawed
        if not is_flawed and longer.hashes[: shorter.events] != shorter.hashes:
            report.wrong.append(f"{name} was changed: two files have different events of it.")
        chains[name] = longer


def _verify_workflows(export: Export, report: Report) -> dict[str, Chain]:
    """Recompute the chain of every workflow in a file."""
    chains: dict[str, Chain] = {}
    for workflow in (*export.workflows, *(export.others or ())):
        if workflow.name in chains:
            report.wrong.append(f"{workflow.name} is in the file twice.")
            continue
        chains[workflow.name] = _verify_events(workflow, report)
    return chains


def _say_of_chains(chains: dict[str, Chain], erased: int, report: Report) -> None:
    """Say how many workflows are intact, and how many names were erased."""
    intact = sum(not chain.is_flawed and any(chain.hashes) for chain in chains.values())
    if intact:
        which = f"all {intact}" if intact == len(chains) else f"{intact} of {len(chains)}"
        report.shown.append(
            f"In {which} workflows, each event is chained to the one before: none was changed, "
            "removed, added or moved."
        )
    if erased:
        subject = "1 name was" if erased == 1 else f"{erased} names were"
        report.unknown.append(f"{subject} erased. Who it was is shown by object ID only.")


def _erased_names(file: Export) -> int:
    workflows = (*file.workflows, *(file.others or ()))
    events = (event for workflow in workflows for event in workflow.events)
    return sum(one.name is None for event in events for one in event.names.values())


def _verify_events(workflow: Workflow, report: Report) -> Chain:
    """Recompute a chain, and compare what is shown of each event with its stored text."""
    name, events = workflow.name, workflow.events
    previous, older = first_hash(name), 0
    hashes: list[str] = []
    flaw = ""
    for expected, event in enumerate(events, start=1):
        if event.number != expected:
            kind = "removed" if event.number > expected else "added"
            flaw = f"event {expected} was {kind}."
            break
        if not event.hash and older == expected - 1:
            older += 1
            hashes.append("")
            continue
        previous = event_hash(previous, name, expected, event.text)
        if event.hash != previous:
            flaw = f"event {expected}, or an earlier one, was changed."
            break
        hashes.append(previous)
    if not flaw and workflow.last_hash is not None:
        last = previous if older < len(events) else ""
        if workflow.last_hash != last:
            flaw = "the last events were removed, or some were added: its head names another one."
    if flaw:
        report.wrong.append(f"{name}: {flaw}")
    elif older or not events:
        report.unknown.append(
            f"{name}: the first {older} of {len(events)} events are older than the chain, so "
            "nothing shows whether they are as they were written."
        )
    for event in events:
        _verify_names(name, event, report)
    days = [_compare_shown(name, event, report) for event in events]
    last_on = {day: number for number, day in enumerate(days, start=1) if day}
    return Chain(hashes, len(events), last_on, is_flawed=bool(flaw))


def _verify_names(workflow: str, event: Event, report: Report) -> None:
    """Compare each name with what stands for it in the text of the event."""
    for token, (name, salt) in event.names.items():
        is_kept = name is not None and salt is not None
        is_genuine = not is_kept or commitment(name or "", salt or b"") == token
        if not _is_token(token) or token not in event.text or not is_genuine:
            report.wrong.append(f"{workflow}: a name in event {event.number} was changed.")


def _compare_shown(name: str, event: Event, report: Report) -> str:
    """Compare what the file shows of an event with its stored text; return the event's day."""
    try:
        stored = json.loads(event.text)
        at = _instant(_text(stored, "at"))
        actor = stored.get("actor") or {}
        expected = {
            "event": _text(stored, "kind").replace(" ", "_"),
            "by": _shown_name(event, str(actor.get("name", "")), str(actor.get("object_id", ""))),
            "by_id": str(actor.get("object_id", "")),
        }
    except (Malformed, ValueError, RecursionError, AttributeError):
        if event.shown["event"] != "unreadable":
            report.wrong.append(f"{name}: event {event.number} isn't an event.")
        return ""
    for what, value in expected.items():
        if event.shown[what] != value:
            report.wrong.append(
                f"{name}: event {event.number} is shown with {what} = {event.shown[what]!r}, but "
                f"{value!r} was recorded."
            )
    try:
        is_same = _instant(event.shown["at"]) == at
    except Malformed:
        is_same = False
    if not is_same:
        report.wrong.append(
            f"{name}: event {event.number} is shown at {event.shown['at']!r}, but "
            f"{at.isoformat()!r} was recorded."
        )
    return at.date().isoformat()


def _is_token(text: str) -> bool:
    """Say whether a text stands for a name."""
    return re.fullmatch("name:[0-9a-f]{64}", text, re.ASCII) is not None


def _shown_name(event: Event, stored: str, object_id: str) -> str:
    """Return the name that belongs to what is stored; the object ID if it was erased."""
    if not _is_token(stored):
        return stored
    found = event.names.get(stored)
    return object_id if found is None or found.name is None else found.name


def _verify_days(export: Export, report: Report) -> None:
    """Recompute the chain of days, and the root of each."""
    days = export.days
    if not days:
        report.unknown.append(
            "The file has no daily checkpoints, so it can't show whether whole workflows were "
            "removed."
        )
        return
    flaws = len(report.wrong)
    before = None
    for day in days:
        _verify_day(before, day, report)
        before = day
    if len(report.wrong) == flaws:
        start = (
            "the first one of all"
            if days[0].previous == FIRST_DAY
            else "which is chained to a day that isn't in the file"
        )
        report.shown.append(
            f"Each day is chained to the one before, from {days[0].day}, {start}, to "
            f"{days[-1].day}."
        )
    expected = (export.exported_at - timedelta(hours=2)).date() - timedelta(days=1)
    if days[-1].date < expected:
        report.unknown.append(
            f"The days end with {days[-1].day}, but the file was made on "
            f"{export.exported_at.date()}. Later checkpoints were left out, or not made."
        )
    unlisted = [day.day for day in days if day.leaves is None]
    if unlisted:
        report.unknown.append(
            f"The file doesn't list the workflows of {_some(unlisted)}, so it can't show whether "
            "one of them was removed."
        )


def _verify_day(before: Day | None, day: Day, report: Report) -> None:
    if before and day.date <= before.date:
        report.wrong.append(f"{day.day} comes after {before.day}: the days were moved.")
    elif before and day.date - before.date > timedelta(days=1):
        first = before.date + timedelta(days=1)
        last = day.date - timedelta(days=1)
        which = f"{first}" if first == last else f"{first} to {last}"
        report.wrong.append(f"{which}: removed from the chain of days.")
    elif before and day.previous != before.hash:
        report.wrong.append(
            f"{day.day} isn't chained to {before.day}: one of the two was made anew, or changed."
        )
    if day.hash != day_hash(day.previous, day.day, day.workflows, day.root):
        report.wrong.append(f"{day.day}: the checkpoint was changed.")
    if not _is_as_listed(day):
        report.wrong.append(
            f"{day.day}: the list of its workflows isn't the one that its checkpoint was made "
            "from, so what else was changed on that day can't be named."
        )


def _is_as_listed(day: Day) -> bool:
    if day.leaves is None:
        return True
    return len(day.leaves) == day.workflows and root_of(day.leaves) == day.root


def _compare(export: Export, chains: dict[str, Chain], report: Report) -> None:
    """Compare the workflows in the file with those that its days list."""
    days = [day for day in export.days or () if day.leaves is not None and _is_as_listed(day)]
    is_complete = not export.is_filtered and export.others is not None
    found: dict[tuple[str, str], str] = {}
    for day in days:
        for name, kind, sentence in (*_less_than(day, chains), *_more_than(day, chains)):
            found.setdefault((name, kind), sentence)  # a flaw shows on every later day again
    absent = [key for key in found if key[1] == "absent"]
    if not is_complete:
        found = {key: sentence for key, sentence in found.items() if key not in absent}
    report.wrong += found.values()
    if days and is_complete and not found:
        report.shown.append(
            "Every workflow that these days list is in the file, as it was at the end of each day: "
            "none was removed, changed or added later."
        )
    if absent and not is_complete:
        why = f"it is about {_filter(export)}" if export.is_filtered else "there were too many"
        report.unknown.append(
            f"{len(absent)} workflows that these days list aren't in the file, since {why}. "
            "Whether they still exist, and are as they were, can't be said."
        )
    _note_uncovered(export, chains, report)


def _less_than(day: Day, chains: dict[str, Chain]) -> Iterator[tuple[str, str, str]]:
    """Find what a day lists and the file doesn't have: a workflow, the flaw, and a sentence."""
    for leaf in sorted(day.leaves or ()):
        name, chain = leaf.workflow, chains.get(leaf.workflow)
        if chain is None:
            yield name, "absent", f"{name} was removed: {day.day} lists it."
        elif chain.events < leaf.number:
            gone = f"{name}: event {leaf.number} was removed: {day.day} lists it."
            yield name, "shorter", gone
        elif not chain.is_flawed and chain.hashes[leaf.number - 1] != leaf.hash:
            which = f"event {leaf.number}, or an earlier one, isn't the one that {day.day} lists"
            yield name, "changed", f"{name} was changed: {which}."


def _more_than(day: Day, chains: dict[str, Chain]) -> Iterator[tuple[str, str, str]]:
    """Find what the file has and a day doesn't list."""
    if day.previous == FIRST_DAY:
        return  # an older version, whose events aren't listed, may have run on the first day
    listed = {leaf.workflow: leaf.number for leaf in day.leaves or ()}
    for name, chain in chains.items():
        last = chain.last_on.get(day.day, 0)
        if last and name not in listed:
            yield name, "added", f"{name} was added to {day.day} after its checkpoint was made."
        elif last > listed.get(name, last):
            what = f"{name}: event {last} was added to {day.day}"
            yield name, "longer", f"{what} after its checkpoint was made."


def _note_uncovered(export: Export, chains: dict[str, Chain], report: Report) -> None:
    """Name the days that no checkpoint covers."""
    if not export.days:
        return
    first, last = export.days[0], export.days[-1]
    later = [name for name, chain in chains.items() if max(chain.last_on, default="") > last.day]
    if later:
        report.unknown.append(
            f"{len(later)} workflows have events after {last.day}. Until those days have their "
            "checkpoints, nothing shows whether a whole workflow was removed since."
        )
    if first.previous == FIRST_DAY:
        report.unknown.append(
            f"Checkpoints begin on {first.day}. Whether workflows of earlier days were removed, or "
            "added to that first day, can't be said."
        )


def _compare_fingerprints(
    export: Export,
    chains: dict[str, Chain],
    fingerprints: Sequence[str],
    report: Report,
    *,
    days_are_chained: bool,
) -> None:
    """Look for what the audit channel shows among the hashes of this file."""
    days = export.days or []
    confirmed = ""
    for given in fingerprints:
        day = next((day.day for day in days if day.hash.startswith(given)), "")
        if day and days_are_chained:
            report.shown.append(
                f"{fingerprint(given)} is the fingerprint of {day}: that day and those before it "
                "are as they were posted."
            )
            confirmed = max(confirmed, day)
            continue
        found = next(
            (
                (name, number)
                for name, chain in chains.items()
                for number, one in enumerate(chain.hashes, start=1)
                if one.startswith(given)
            ),
            None,
        )
        if found:
            report.shown.append(
                f"{fingerprint(given)} is the fingerprint of event {found[1]} of {found[0]}: that "
                "event and those before it are as they were posted."
            )
        elif not day:
            report.wrong.append(
                f"Nothing in the file has the fingerprint {fingerprint(given)}: it isn't what was "
                "posted, or it doesn't include that day."
            )
    if days and confirmed < days[-1].day:
        report.unknown.append(
            "Someone who can write to the table could have made all of it anew. They can't change "
            f"the messages in the audit channel: the one about {days[-1].day} must show "
            f"{fingerprint(days[-1].hash)}. Give what it shows with --fingerprint."
        )


def _filter(export: Export) -> str:
    parts = [f"the secret {export.secret}"] if export.secret else []
    parts += [f"the person {export.person}"] if export.person else []
    return " and ".join(parts)


def _some(days: Sequence[str]) -> str:
    return days[0] if len(days) == 1 else f"{len(days)} days from {days[0]} to {days[-1]}"


# The command.


def main(arguments: Sequence[str]) -> int:
    """Verify files and print the report; return the exit status."""
    parser = argparse.ArgumentParser(description="Verify an export of Latchkey (export json).")
    parser.add_argument(
        "files",
        type=Path,
        nargs="+",
        metavar="file",
        help="an exported JSON file, each one of an export of several, or the folder they are in",
    )
    parser.add_argument(
        "--fingerprint",
        action="append",
        default=[],
        type=_given,
        help="a fingerprint from the audit channel, such as 3fa9-0c12-77de-1b2c-90aa; repeatable",
    )
    given = parser.parse_args(arguments)
    try:
        paths = _files(given.files)
        export, report = verify(map(_read_file, paths), given.fingerprint)
    except (OSError, Malformed) as error:
        print(f"{_some_of(given.files)} can't be verified. {error}", file=sys.stderr)
        return 2
    print(f"{_heading(export, len(paths))}\n")
    print("\n".join(report.lines()))
    return 1 if report.wrong else 0


def _files(given: Sequence[Path]) -> list[Path]:
    """Return the files that were given, and those in the folders that were."""
    found: list[Path] = []
    for path in given:
        inside = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not inside:
            raise Malformed(f"There is no JSON file in {path}.")
        found += inside
    return found


def _read_file(path: Path) -> Export:
    try:
        return read(path.read_bytes().decode("utf-8-sig"))
    except (UnicodeDecodeError, Malformed) as error:
        raise Malformed(f"{path.name}: {error}") from None


def _some_of(given: Sequence[Path]) -> str:
    return str(given[0]) if len(given) == 1 else f"{given[0]} and {len(given) - 1} more"


def _heading(export: Export, files: int) -> str:
    about = f" about {_filter(export)}" if export.is_filtered else ""
    since = f", opened since {export.opened_since}" if export.opened_since else ""
    days = f", and {len(export.days)} days" if export.days else ""
    of_files = f" in {files} files" if files > 1 else ""
    return (
        f"Export of {export.exported_at:%Y-%m-%d %H:%M:%S} UTC: {len(export.workflows)} workflows"
        f"{of_files}{about}{since}{days}"
    )


def _given(text: str) -> str:
    digits = text.replace("-", "").strip().lower()
    if not re.fullmatch(f"[0-9a-f]{{{SHORTEST},64}}", digits, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text!r} isn't a fingerprint of {SHORTEST} digits")
    return digits


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
