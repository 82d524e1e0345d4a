"""How shards are divided among replicas."""

import itertools
from collections import Counter

import pytest

from services.workflow.due.division import divided

SHARDS = tuple(f"{number:02x}" for number in range(16))


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 16])
def test_shares_differ_by_one_shard_at_most(count: int) -> None:
    names = [f"r{number:02}" for number in range(count)]

    owners = divided(SHARDS, {}, names)

    shares = Counter(owners.values())
    assert set(owners) == set(SHARDS)
    assert set(shares) == set(names)
    assert max(shares.values()) - min(shares.values()) <= 1


def test_with_more_replicas_than_shards_each_shard_has_one_owner() -> None:
    owners = divided(SHARDS, {}, [f"r{number:02}" for number in range(20)])

    assert set(owners) == set(SHARDS)
    assert set(Counter(owners.values()).values()) == {1}


def test_without_a_replica_nobody_owns_anything() -> None:
    assert divided(SHARDS, dict.fromkeys(SHARDS, "gone"), []) == {}


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 16, 20])
def test_a_division_stays_as_it_is_while_the_replicas_do(count: int) -> None:
    names = [f"r{number:02}" for number in range(count)]
    owners = divided(SHARDS, {}, names)

    again = divided(SHARDS, owners, names[::-1])

    assert again == owners


def test_no_more_shards_move_than_must_when_replicas_come_and_go() -> None:
    alone = divided(SHARDS, {}, ["a"])
    two = divided(SHARDS, alone, ["a", "b"])
    three = divided(SHARDS, two, ["a", "b", "c"])
    without_b = divided(SHARDS, three, ["a", "c"])

    moves = [
        sum(before[shard] != after[shard] for shard in SHARDS)
        for before, after in itertools.pairwise([alone, two, three, without_b])
    ]
    assert moves == [8, 5, Counter(three.values())["b"]]
