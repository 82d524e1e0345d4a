"""A minimal PNG reader for the icons: 8-bit RGB and RGBA, not interlaced.

Source: PNG specification (W3C), 5.2 to 5.6 chunks, 9.2 filter types.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {2: 3, 6: 4}  # by colour type


@dataclass(frozen=True)
class Picture:
    """A decoded picture; each pixel has one number per channel."""

    width: int
    height: int
    pixels: list[tuple[int, ...]]


def read_png(path: Path) -> Picture:
    """Decode a PNG file; raise ValueError for an unsupported kind."""
    data = path.read_bytes()
    if not data.startswith(SIGNATURE):
        raise ValueError(f"{path.name} isn't a PNG")
    chunks = list(_chunks(data[len(SIGNATURE) :]))
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    if depth != 8 or colour not in _CHANNELS or interlaced:
        raise ValueError(f"{path.name} is an unsupported kind of PNG")
    packed = b"".join(body for kind, body in chunks if kind == b"IDAT")
    channels = _CHANNELS[colour]
    pixels: list[tuple[int, ...]] = []
    for row in _rows(zlib.decompress(packed), width * channels, channels):
        pixels += [tuple(row[start : start + channels]) for start in range(0, len(row), channels)]
    return Picture(width, height, pixels)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    while data:
        (length,) = struct.unpack(">I", data[:4])
        yield data[4:8], data[8 : 8 + length]
        data = data[12 + length :]


def _rows(data: bytes, length: int, step: int) -> Iterator[bytearray]:
    """Undo each row's filter; ``step`` is the distance between pixels in bytes."""
    above = bytearray(length)
    for start in range(0, len(data), length + 1):
        kind, row = data[start], bytearray(data[start + 1 : start + 1 + length])
        for at in range(length):
            left = row[at - step] if at >= step else 0
            corner = above[at - step] if at >= step else 0
            row[at] = (row[at] + _predicted(kind, left, above[at], corner)) % 256
        yield row
        above = row


def _predicted(kind: int, left: int, above: int, corner: int) -> int:
    if kind == 4:
        guess = left + above - corner
        return min((left, above, corner), key=lambda near: abs(guess - near))
    return (0, left, above, (left + above) // 2)[kind]
