"""Salts of names: each is another one, and none is random."""

from itertools import count

_numbers = count(1)


def a_salt() -> bytes:
    return next(_numbers).to_bytes(16, "big")
