"""Shares of a rate limit: no more than the whole, and nobody is left out."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shared_rate import LEAST, LimitLease, Pool, Rate, Slice, fair_share, renew

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
RATE = Rate(size=200, per_second=10)
LEASED_FOR = timedelta(seconds=10)


def test_nobody_gets_more_than_they_want() -> None:
    wants = {"a": 0.1, "b": 0.2, "c": 1.0}

    shares = {name: round(fair_share(wants, name), 3) for name in wants}

    assert shares == {"a": 0.1, "b": 0.2, "c": 0.7}


def test_what_is_too_little_for_all_is_divided_evenly() -> None:
    wants = {"a": 1.0, "b": 0.9, "c": 0.2}

    shares = {name: round(fair_share(wants, name), 3) for name in wants}

    assert shares == {"a": 0.4, "b": 0.4, "c": 0.2}


def test_the_first_one_gets_all_with_everything_in_it() -> None:
    pool, mine = _renew(Pool(200, NOW, {}), "a", 1.0, Slice(), NOW)

    assert mine == Slice(1.0, 200)
    assert (pool.free, pool.level) == (0.0, 0.0)


def test_a_newcomer_gets_its_share_once_the_other_one_has_given_it_up() -> None:
    pool, one = _renew(Pool(200, NOW, {}), "a", 1.0, Slice(), NOW)
    pool, other = _renew(pool, "b", 1.0, Slice(), NOW)
    at_first = other

    pool, one = _renew(pool, "a", 1.0, one, NOW)
    pool, other = _renew(pool, "b", 1.0, other, NOW)

    assert at_first == Slice(0.0, 0.0)
    assert (one, other) == (Slice(0.5, 100), Slice(0.5, 100))


def test_the_share_of_one_that_died_is_free_again_without_its_tokens() -> None:
    pool, _ = _renew(Pool(200, NOW, {}), "a", 1.0, Slice(), NOW)
    later = NOW + LEASED_FOR + timedelta(seconds=3)

    _, other = _renew(pool, "b", 1.0, Slice(), later)

    assert other == Slice(1.0, 30)


def test_what_fills_up_after_a_death_is_added_to_what_was_free() -> None:
    pool, _ = _renew(Pool(200, NOW, {}), "a", 0.5, Slice(), NOW)
    later = NOW + LEASED_FOR + timedelta(seconds=3)

    _, other = _renew(pool, "b", 1.0, Slice(), later)

    assert other == Slice(1.0, 100 + 15)


def test_a_limit_is_never_passed_in_any_span_of_time() -> None:
    rate = Rate.within(100, 10)

    assert rate == Rate(size=20, per_second=8)
    assert rate.size + 10 * rate.per_second == 100


@pytest.mark.parametrize(
    ("level", "seconds", "expected"),
    [(0, 4, 20), (10, 4, 30), (95, 4, 100), (10, 0, 10), (10, -4, 10)],
)
def test_a_share_fills_up_to_its_part_of_the_bucket(
    level: float, seconds: float, expected: float
) -> None:
    assert RATE.filled(level, 0.5, seconds) == expected


@pytest.mark.parametrize(("wants", "leased"), [(0.0, LEAST), (-1.0, LEAST), (0.3, 0.3), (5, 1.0)])
def test_a_lease_says_how_much_is_wanted_and_until_when(wants: float, leased: float) -> None:
    pool, mine = _renew(Pool(200, NOW, {}), "a", wants, Slice(), NOW)

    assert pool.leases == {"a": LimitLease(leased, leased, NOW + LEASED_FOR)}
    assert pool.at == NOW
    assert mine.share == leased
    assert mine.level == pytest.approx(200 * leased)
    assert pool.level == pytest.approx(200 * (1 - leased))


def test_a_smaller_share_gives_its_part_of_the_tokens_back() -> None:
    pool, mine = _renew(Pool(200, NOW, {}), "a", 1.0, Slice(), NOW)

    pool, mine = _renew(pool, "a", 0.25, Slice(mine.share, 100), NOW)

    assert mine == Slice(0.25, 25)
    assert (pool.level, pool.free) == (75, 0.75)


def test_of_two_the_one_that_wants_less_gives_back_its_own_tokens() -> None:
    pool, _ = _renew(Pool(200, NOW, {}), "a", 0.5, Slice(), NOW)

    pool, mine = _renew(pool, "a", 0.25, Slice(0.5, 60), NOW)

    assert mine == Slice(0.25, 30)
    assert (pool.level, pool.free) == (130, 0.75)


def test_a_larger_share_takes_its_part_of_what_is_free() -> None:
    pool, _ = _renew(Pool(200, NOW, {}), "a", 0.25, Slice(), NOW)

    pool, mine = _renew(pool, "a", 0.5, Slice(0.25, 50), NOW)

    assert mine.share == 0.5
    assert mine.level == pytest.approx(100)
    assert pool.level == pytest.approx(100)


def test_the_same_share_moves_nothing() -> None:
    pool, _ = _renew(Pool(200, NOW, {}), "a", 0.5, Slice(), NOW)

    again, same = _renew(pool, "a", 0.5, Slice(0.5, 60), NOW)

    assert same == Slice(0.5, 60)
    assert again == pool


def test_what_nobody_leases_fills_up_meanwhile() -> None:
    pool, _ = _renew(Pool(0, NOW, {}), "a", 0.5, Slice(), NOW)

    pool, _ = _renew(pool, "a", 0.5, Slice(0.5, 0), NOW + timedelta(seconds=4))

    assert pool.level == 20
    assert pool.at == NOW + timedelta(seconds=4)


def test_a_lease_counts_for_nothing_from_the_moment_it_runs_out() -> None:
    pool, mine = _renew(Pool(200, NOW, {}), "a", 1.0, Slice(), NOW)
    before, after = (NOW + LEASED_FOR + timedelta(seconds=late) for late in (-1, 0))

    _, kept = _renew(pool, "a", 1.0, mine, before)
    renewed, lost = _renew(pool, "a", 1.0, mine, after)

    assert kept == mine
    assert lost == Slice(1.0, 0)
    assert set(renewed.leases) == {"a"}


def test_whoever_wants_nothing_has_no_share() -> None:
    with pytest.raises(LookupError, match=r"^c$"):
        fair_share({"a": 1.0}, "c")


def _renew(pool: Pool, name: str, wants: float, mine: Slice, now: datetime) -> tuple[Pool, Slice]:
    return renew(pool, name, wants, mine, rate=RATE, now=now, until=now + LEASED_FOR)


@dataclass
class _Replicas:
    """Replicas that spend all they can, and how much all of them have spent."""

    pool: Pool = field(default_factory=lambda: Pool(RATE.size, NOW, {}))
    now: datetime = NOW
    slices: dict[str, Slice] = field(default_factory=dict)
    until: dict[str, datetime] = field(default_factory=dict)
    spent: float = 0.0

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        for name, has in list(self.slices.items()):
            if self.until[name] <= self.now:
                del self.slices[name]
            else:
                self.slices[name] = Slice(has.share, RATE.filled(has.level, has.share, seconds))

    def ask(self, name: str, wants: float) -> None:
        has = self.slices.get(name, Slice())
        self.pool, self.slices[name] = _renew(self.pool, name, wants, has, self.now)
        self.until[name] = self.now + LEASED_FOR

    def spend(self, name: str) -> None:
        has = self.slices.get(name, Slice())
        self.spent += has.level
        if name in self.slices:
            self.slices[name] = Slice(has.share, 0.0)


_NAMES = st.sampled_from(["a", "b", "c", "d"])
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), _NAMES, st.sampled_from([0.0, 0.1, 0.5, 1.0])),
        st.tuples(st.just("spend"), _NAMES, st.just(0.0)),
        st.tuples(st.just("pass"), st.just(""), st.sampled_from([0.1, 1.0, 4.0, 9.0, 30.0])),
    ),
    max_size=60,
)


@given(_STEPS)
def test_all_together_never_spend_more_than_the_limit(
    steps: list[tuple[str, str, float]],
) -> None:
    replicas = _Replicas()
    for what, name, number in steps:
        match what:
            case "ask":
                replicas.ask(name, number)
            case "spend":
                replicas.spend(name)
            case _:
                replicas.pass_time(number)
        allowed = RATE.size + RATE.per_second * (replicas.now - NOW).total_seconds()

        assert replicas.spent <= allowed + 1e-6
        assert sum(lease.share for lease in replicas.pool.leases.values()) <= 1 + 1e-6


@given(st.dictionaries(_NAMES, st.floats(LEAST, 1.0), min_size=1))
def test_the_shares_are_at_most_the_whole(wants: dict[str, float]) -> None:
    shares = [fair_share(wants, name) for name in wants]

    assert sum(shares) <= 1 + 1e-9
