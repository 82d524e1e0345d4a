"""What the refusals of requests keep of those for their secrets."""

import pytest

from domain.reasons import Reason
from domain.refusals.requests import Blocked, OfSeveral
from domain.refusals.secrets import CouldNotEnd, NotRequestable, UnknownSecret


@pytest.mark.parametrize(("kind", "code"), [(Blocked, "blocked"), (CouldNotEnd, "could_not_end")])
def test_a_refusal_for_another_reason_contains_it(
    kind: type[Blocked | CouldNotEnd], code: str
) -> None:
    why = Reason("why", {"secret": "a"})

    assert kind(why).reason == Reason(code, parts=(why,))


def test_the_refusals_of_several_secrets_are_one_and_block_if_any_does() -> None:
    unknown, blocked = UnknownSecret("a", "kv"), NotRequestable("b")

    one, both = OfSeveral({"a": unknown}), OfSeveral({"a": unknown, "b": blocked})

    assert both.reason == Reason(
        "of_several", {"secrets": ("a", "b")}, (unknown.reason, blocked.reason)
    )
    assert (one.blocks, both.blocks) == (False, True)
