"""One hash vouches for many texts, in their order."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from domain.audit.merkle import merkle_root

TEXTS = st.lists(st.text(max_size=5), max_size=20)


def leaf(text: str) -> bytes:
    return sha256(b"\x00" + text.encode()).digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def test_the_root_is_computed_as_certificate_transparency_does() -> None:
    three = node(node(leaf("a"), leaf("b")), leaf("c"))

    assert merkle_root([]) == sha256(b"").hexdigest()
    assert merkle_root(["a"]) == leaf("a").hex()
    assert merkle_root(["a", "b", "c"]) == three.hex()


def test_the_last_text_twice_is_another_root() -> None:
    assert merkle_root(["a", "b", "c"]) != merkle_root(["a", "b", "c", "c"])


@given(TEXTS, TEXTS)
def test_other_texts_have_another_root(some: list[str], others: list[str]) -> None:
    assert (merkle_root(some) == merkle_root(others)) == (some == others)
