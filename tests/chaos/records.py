"""What a scenario has left behind in Azure, in the table and in Teams, to compare it."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from domain.access.request import AccessEvent
from domain.rotation.rotation import RotationEvent
from services.limits import pools
from services.storage.table import Row
from services.workflow.due import shard_board
from tests.support.people import Seen
from tests.support.sandbox import Sandbox
from tests.support.tables.memory_table import MemoryTable
from tests.support.teams import Posted, Teams

_CAUTION = {
    str(each) for each in (AccessEvent.WATCHED, AccessEvent.GAVE_UP, RotationEvent.STEP_WAITS)
}
"""Events about requests that may still be under way, which a crash causes."""
_CAUTIOUS = ("Making sure access is gone",)

_THINGS = ("role_assignments", "vaults", "sites", "storage_accounts", "applications")
"""What there is in Azure, as the sandbox's snapshot names it."""

_OF_REPLICAS = (shard_board.PARTITION, pools.PARTITION)
"""Partitions about the replicas themselves: which are there, and what each may send."""

_SURE = "The role assignment is deleted, and Azure confirms it."
_UNSURE = (
    "The role assignment is gone, and Azure confirms it. An earlier attempt to delete it got no "
    "answer."
)
"""What is said in place of it after a crash, which is as true."""

_TIMES = re.compile(
    r"\{\{(?:DATE|TIME)\([^)]*\)\}\}"
    r"|\d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d UTC|\d\d:\d\d UTC|\d\d:\d\d:\d\d UTC"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)"
)
_FINGERPRINT = re.compile(r"event \d+ · fingerprint [-0-9a-f]+")
_OURS = re.compile(r"\b(?:req|rot|sch)-[a-z0-9]+\b")
TOLD_TO_REPEAT = (
    "Something went wrong on my side. Please try again.",
    "right now, so I couldn't finish this.",
    "right now, so I can't tell whether what you asked for was done.",
)
"""What people read who have to do something again, or to see whether it was done."""
_WENT_WRONG = (*TOLD_TO_REPEAT, "My answer may not have reached you.")
_AGE = re.compile(
    r"\d+ minutes? old|(?:less than a minute|\d+ minutes?)(?=(?: left)? as of)"
    r'|(?<="expires": )\d+'
)
_PORT = re.compile(r"(?<=localhost:)\d+|(?<=127\.0\.0\.1:)\d+")
_HEX = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{32,64}\b"
)


@dataclass(frozen=True)
class Record:
    """What a scenario has left behind, without times and IDs."""

    azure: str
    """Everything that exists."""
    effects: Counter[str]
    """What was made and removed again."""
    restarts: Counter[str]
    """How often each app was restarted: whenever its settings were changed."""
    rows: Counter[str]
    told: Counter[str]
    """Each message as its reader sees it now, by its place."""
    titles: frozenset[str]
    """The places and titles of all messages, as they are and were."""


def record(
    sandbox: Sandbox, table: MemoryTable, teams: Teams, looked_at: Mapping[str, Seen]
) -> Record:
    """Record what there is; ``looked_at`` has the cards that people have looked at, by ID."""
    sites = sandbox.state.sites
    return Record(
        azure=_azure(sandbox),
        effects=_effects(sandbox),
        restarts=Counter({f"{name}/{slot}": one.restarts for (name, slot), one in sites.items()}),
        rows=Counter(text for row in _settled(table.rows()) for text in _row(row)),
        titles=frozenset(
            _title(text)
            for each in teams.posted
            for activity in (each.activity, *each.earlier)
            for text in _told(replace(each, activity=activity))
        ),
        told=Counter(text for each in teams.posted for text in _told(each, looked_at.get(each.id))),
    )


def differences(one: Record, expected: Record, may_be_twice: int) -> list[str]:
    """Return what isn't as expected; so many messages may be there twice.

    Of such a message one is current, and the other one may show what it showed then. That something
    went wrong may be said in addition: nobody has to do without what they would be told.
    """
    found: list[str] = []
    if one.azure != expected.azure:
        found.append(f"Azure has {_first_difference(one.azure, expected.azure)}")
    found += _compared("an assignment", one.effects, expected.effects)
    found += _compared("a restart", one.restarts, expected.restarts)
    found += [f"a row is missing: {text}" for text in (expected.rows - one.rows).elements()]
    found += [f"a row too many: {text}" for text in (one.rows - expected.rows).elements()]
    found += [f"a message is missing: {text}" for text in (expected.told - one.told).elements()]
    more = _more(one, expected)
    if len(more) > may_be_twice or any(_title(text) not in expected.titles for text in more):
        found += [f"a message too many: {text}" for text in more]
    return found


def _more(one: Record, expected: Record) -> list[str]:
    """Return the messages that are there too often, but for those that something went wrong."""
    more = (one.told - expected.told).elements()
    return [text for text in more if not any(wrong in text for wrong in _WENT_WRONG)]


def without_late_effects(one: Record, expected: Record) -> Record:
    """Return a record without what differs by nature if a change that failed comes late.

    Settings are sent again, which restarts their app; an assignment is made late, and removed.
    Where an answer is that came late isn't known, so it isn't kept up to date: it refreshes itself.
    """
    late = one.effects - expected.effects
    effects = one.effects - late if late.total() == 1 else one.effects
    unknown = Counter({row: 1 for row in expected.rows - one.rows if "~message-copy-" in row})
    rows = one.rows + unknown if unknown.total() == 1 else one.rows
    return replace(one, effects=effects, restarts=expected.restarts, rows=rows)


def statuses_only(one: Record) -> Record:
    """Return a record of which each message is only its place, title and status."""
    told = Counter[str]()
    for text, times in one.told.items():
        told["\n".join(text.split("\n")[:2])] += times
    return replace(one, told=told)


def repeated(one: Record, expected: Record) -> int:
    """Return how many messages are there once more than expected."""
    return len(_more(one, expected))


def unrecorded(table: MemoryTable, teams: Teams, under_way: str) -> int:
    """Return how many messages were posted, and no row says so yet.

    Answers are recorded once Teams knows that its message was taken.
    """
    known = {str(row.values.get("activity_id")) for row in table.rows()}
    posts = [
        post
        for post in teams.posted
        if (post.reply_to == under_way if post.reply_to else post.id not in known)
    ]
    return sum(len(_told(post)) for post in posts)


def posted_late(teams: Teams) -> int:
    """Return how many messages were posted after their sender was told that they weren't."""
    late = [post for post in teams.posted if post.id in teams.posted_late]
    return sum(len(_told(post)) for post in late)


def _title(told: str) -> str:
    """Return a message's place and title."""
    return told.partition("\n")[0]


def _azure(sandbox: Sandbox) -> str:
    whole = sandbox.snapshot()
    parts = {name: whole[name] for name in _THINGS}
    parts["sites"] = [{**site, "restarts": "any"} for site in parts["sites"]]
    text = _AGE.sub("AGE", _TIMES.sub("TIME", json.dumps(parts, indent=1)))
    return _numbered(_PORT.sub("PORT", _OURS.sub("ID", text)))


def _numbered(text: str) -> str:
    """Replace IDs and hashes by numbers, the same by the same."""
    numbers: dict[str, str] = {}
    return _HEX.sub(lambda one: numbers.setdefault(one[0], f"#{len(numbers) + 1}"), text)


def _effects(sandbox: Sandbox) -> Counter[str]:
    """Count the assignments that were made and removed; what is left is in Azure."""
    deleted = sandbox.state.assignments.deleted
    return Counter(f"{one.principal_id} at {one.scope}" for one, _ in deleted)


def _settled(rows: Iterable[Row]) -> list[Row]:
    """Leave out what differs by nature: cautious events, and what means nothing any more.

    So do the replicas that there were. An entry of a list that its workflow no longer needs is
    skipped by whoever reads the list. A lease without a holder is free.
    """
    rows = list(rows)
    caution = {_number(row) for row in rows if str(row.values.get("kind")) in _CAUTION}
    return [
        row
        for row in rows
        if not row.key.startswith("day~")
        and not row.partition.startswith(("person-", *_OF_REPLICAS))
        and row.values.get("holders") != "[]"
        and (_number(row) or row.key) not in caution
    ]


def _number(row: Row) -> str:
    """Return a workflow's partition, ID, and an event's number, for it and its audit message."""
    found = re.fullmatch(r"workflow~(.+)~(?:event|message-audit)-(\d{6})", row.key)
    return f"{row.partition} {found[1]} {found[2]}" if found else ""


def _row(row: Row) -> list[str]:
    if row.key.startswith("workflow~") and row.values.get("head"):
        return [_head(row)]
    shape = _plain(f"{row.partition} {row.key}")
    shape = re.sub(r"^[0-9a-f]{2} ", "", shape)
    shape = re.sub(r"^(history~.*)~\d{6}$", r"\1~N", shape)
    shape = re.sub(r"(?<=event-|audit-)\d{6}|(?<=requester-)\d{6}", "N", shape)
    values = {
        name: value
        for name, value in row.values.items()
        if name not in ("hash", "revision", "activity_id", "conversation_id", "seen_at", "event")
    }
    return [f"{shape} {_plain(json.dumps(values, default=str, sort_keys=True))}"]


def _head(row: Row) -> str:
    head = json.loads(str(row.values["head"]))
    known = {"state", "requester", "targets", "justification", "window", "assignments"}
    kept = {name: value for name, value in head.items() if name in known}
    return _plain(f"{row.key} {json.dumps(kept, sort_keys=True)}")


def _plain(text: str) -> str:
    text = _AGE.sub("AGE", _TIMES.sub("TIME", _OURS.sub("ID", text)))
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]*\+00:00", "TIME", text)
    text = _FINGERPRINT.sub("event", text)
    text = re.sub(r"\b(?:[0-9a-f]{32,64}|[0-9a-f]{8}(?!-))\b", "HASH", text).replace(_UNSURE, _SURE)
    text = re.sub(r"\d{15,}", "N", text)
    return _PORT.sub("PORT", text)


def _told(posted: Posted, looked_at: Seen | None = None) -> list[str]:
    """Return a message by its place; several events in one message are as many messages.

    How many are in one depends on how soon one follows another.
    """
    place = posted.conversation_id.partition(";")[0]
    text = _plain((looked_at or Seen.of(posted)).words or posted.text)
    parts = re.split(r"\n(?=Audit · TIME\n)", text)
    return [f"{place}: {part}" for part in parts if not _is_cautious(part)]


def _is_cautious(text: str) -> bool:
    return text.partition("\n")[2].startswith(_CAUTIOUS)


def _compared(what: str, one: Counter[str], expected: Counter[str]) -> list[str]:
    missing = [f"{what} is missing: {text}" for text in expected - one]
    return missing + [f"{what} too many: {text}" for text in one - expected]


def _first_difference(one: str, expected: str) -> str:
    for have, want in zip(one.splitlines(), expected.splitlines(), strict=False):
        if have != want:
            return f"{have.strip()!r} in place of {want.strip()!r}"
    return "more or less than expected"
