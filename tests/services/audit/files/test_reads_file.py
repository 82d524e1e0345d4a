"""Files of single reads: one JSON object a line, the first about all the others."""

import json
from dataclasses import replace
from typing import Any

from domain.access.reads import LogSpan, Read, ReadOfGrant, ReadsSeen, SecretOfVault
from domain.audit.outside_reads import OutsideRead, OutsideReads
from domain.people import Person
from services.audit.files.export import Export
from services.audit.files.reads_file import grant_reads_file, outside_reads_file
from tests.support.builders import DANA, HOUR, MINUTE, SECRET, VAULT, an_active_request
from tests.support.clock import NINE

READ = Read(
    at=NINE + MINUTE,
    place=SecretOfVault(VAULT.resource_id, SECRET),
    version="v1",
    caller=DANA.object_id,
    assignment="role-1",
)
SPAN = LogSpan(NINE, NINE + HOUR)


def lines(export: Export) -> list[dict[str, Any]]:
    return [json.loads(line) for line in export.body.decode().splitlines()]


def test_each_read_under_a_grant_is_a_line() -> None:
    own = ReadOfGrant(read=READ, is_by_grant=True, is_late=True)
    unknown = ReadOfGrant(
        read=replace(READ, caller="", version="", assignment="", operation="SecretBackup"),
        is_by_holder=False,
    )
    seen = ReadsSeen(
        span=SPAN, reads=(own, unknown), silent=("kv-two",), known_until=NINE, is_whole=False
    )

    about, first, second = lines(grant_reads_file(an_active_request(), seen, NINE + HOUR))

    assert first == {
        "at": "2026-03-02T09:01:00+00:00",
        "operation": "SecretGet",
        "vault": VAULT.resource_id,
        "secret": SECRET,
        "is_requested": True,
        "version": "v1",
        "caller_id": DANA.object_id,
        "is_by_the_person": True,
        "assignment": "role-1",
        "is_by_this_grant": True,
        "is_after_the_end": True,
    }
    names = ("operation", "version", "caller_id", "is_by_the_person", "is_by_this_grant")
    assert [second[name] for name in names] == ["SecretBackup", None, None, False, None]
    assert about == {
        "about": "reads under a grant",
        "workflow": an_active_request().id,
        "person": DANA.name,
        "person_id": DANA.object_id,
        "secrets": [SECRET],
        "source": "the vaults' log in Log Analytics",
        "asked_at": "2026-03-02T10:00:00+00:00",
        "from": "2026-03-02T09:00:00+00:00",
        "until": "2026-03-02T10:00:00+00:00",
        "reads": 2,
        "is_whole": False,
        "is_answer_incomplete": False,
        "vaults_without_any_line": ["kv-two"],
        "may_be_missing_after": "2026-03-02T09:00:00+00:00",
    }


def test_a_file_without_any_read_says_so_and_until_when_that_is_known() -> None:
    export = grant_reads_file(an_active_request(), ReadsSeen(span=SPAN), NINE + HOUR)

    [about] = lines(export)
    assert (export.workflows, export.is_whole, export.name[-6:]) == (0, True, ".jsonl")
    assert (about["reads"], about["may_be_missing_after"]) == (0, None)


def test_each_read_without_a_grant_is_a_line_by_whom_it_was() -> None:
    person = OutsideRead(
        at=NINE,
        secret=SECRET,
        vault=VAULT.name,
        version="v1",
        operation="SecretGet",
        assignment="role-2",
        person=Person("id-2", "Eve \u2028Engineer"),
    )
    latchkey = replace(person, person=None, application="app-id", is_latchkey=True)
    reads = OutsideReads(span=SPAN, reads=(person, latchkey), known_until=NINE, is_partial=True)

    about, first, second = lines(outside_reads_file(SECRET, reads, NINE + HOUR))

    assert (about["about"], about["secret"]) == ("reads without a grant", SECRET)
    assert (about["reads"], about["is_answer_incomplete"]) == (2, True)
    assert (first["caller"], first["caller_id"]) == ("Eve \u2028Engineer", "id-2")
    assert (first["application"], first["is_latchkey"]) == (None, False)
    assert (second["caller"], second["application"]) == (None, "app-id")
    assert second["is_latchkey"] is True
