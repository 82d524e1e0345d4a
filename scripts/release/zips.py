"""Zip files that are the same, byte by byte, on every system and every day."""

from collections.abc import Mapping
from pathlib import Path
from stat import S_IFREG
from zipfile import ZIP_STORED, ZipFile, ZipInfo


def write(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a zip of files that anyone can read; their order doesn't matter."""
    # Stored, since compression isn't the same in every version of zlib.
    with ZipFile(path, "w", ZIP_STORED) as package:
        for name in sorted(files):
            package.writestr(_entry(name), files[name])


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = ZIP_STORED
    entry.create_system = 3  # Unix, which gives the permissions a meaning
    entry.external_attr = (S_IFREG | 0o644) << 16
    return entry
