"""A workflow as a line of JSON: its head, and its events as stored, with their hashes.

Nobody can be erased from a file that is never overwritten. So it has no names, only object IDs, and
what the events' text has in place of names. In the text of older events are the names themselves.
"""

import json
from collections.abc import Sequence
from dataclasses import replace

from domain.audit.names_in_heads import without_names
from services.audit.files.export import exported
from services.workflow import codec
from services.workflow.workflows import Trail


def lines_of(trails: Sequence[Trail]) -> bytes:
    """Write workflows, each as a line: the same for the same workflows."""
    return b"".join(map(_line, map(_nameless, trails)))


def _nameless(trail: Trail) -> Trail:
    head = without_names(trail.stored.head, lambda _: True)
    events = tuple(replace(event, names="") for event in trail.events)
    return Trail(replace(trail.stored, head=head), events)


def _line(trail: Trail) -> bytes:
    head = json.loads(codec.write_head(trail.stored.head))
    text = json.dumps(exported(trail) | {"head": head}, ensure_ascii=False, separators=(",", ":"))
    return f"{text}\n".encode()
