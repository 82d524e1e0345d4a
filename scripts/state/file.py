"""The file of a backup: a line that says what it is, one for each row, and one that sums it up."""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from scripts.faults import Fault
from scripts.state.rows import StoredRow, line_of, read_line
from services.workflow.codec import SCHEMA

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Summary:
    """What a whole file has: rows, and the hash of all lines before the last."""

    began_at: str
    rows: int
    sha256: str


def write(path: Path, rows: Iterable[StoredRow], began_at: datetime) -> Summary:
    """Write a new file that only its owner can read; none is left if that fails."""
    first = line_of({"format": FORMAT, "schema": SCHEMA, "began_at": began_at.isoformat()})
    hashed, count = sha256(first), 0
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Fault(f"{path} exists. Name a new file.") from None
    except OSError as error:
        raise Fault(f"{path} can't be written: {error.strerror}.") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(first)
            for row in rows:
                file.write(row.line)
                hashed.update(row.line)
                count += 1
            file.write(line_of({"rows": count, "sha256": hashed.hexdigest()}))
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink()
        raise
    return Summary(began_at.isoformat(), count, hashed.hexdigest())


def check(path: Path) -> Summary:
    """Read a whole file; raises Fault unless it is as it was written, by this version or before."""
    hashed, count, first, last = sha256(), -1, b"", b""
    try:
        with path.open("rb") as file:
            for line in file:
                hashed.update(last)
                count += 1
                first, last = first or line, line
    except OSError as error:
        raise Fault(f"{path} can't be read: {error.strerror}.") from None
    heading, ending = _object(first), _object(last)
    if heading.get("format") != FORMAT:
        raise Fault(f"{path} isn't a backup that this version of Latchkey can read.")
    if int(heading.get("schema", SCHEMA)) > SCHEMA:
        raise Fault(f"{path} was written by a newer version of Latchkey. Restore it with that one.")
    if ending != {"rows": count - 1, "sha256": hashed.hexdigest()}:
        raise Fault(f"{path} isn't whole, or was changed. Nothing was restored.")
    return Summary(str(heading["began_at"]), count - 1, hashed.hexdigest())


def read(path: Path) -> Iterator[StoredRow]:
    """Yield the rows of a file that was checked."""
    with path.open("rb") as file:
        file.readline()
        before = b""
        for line in file:
            if before:
                yield read_line(before)
            before = line


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
