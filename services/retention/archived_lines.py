"""A workflow as a line of JSON: its head, and its events as stored, with their hashes."""

import json
from collections.abc import Sequence

from services.audit.export import exported
from services.workflow import codec
from services.workflow.workflows import Trail


def lines_of(trails: Sequence[Trail]) -> bytes:
    """Write workflows, each as a line: the same for the same workflows."""
    return b"".join(map(_line, trails))


def _line(trail: Trail) -> bytes:
    head = json.loads(codec.write_head(trail.stored.head))
    text = json.dumps(exported(trail) | {"head": head}, ensure_ascii=False, separators=(",", ":"))
    return f"{text}\n".encode()
