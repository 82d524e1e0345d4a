"""What a person can choose from when they request access."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from domain.access.rules.policy import ALLOWED, Decision, Policy
from domain.people import Actor
from domain.policies.rule import Rule
from domain.refusals.requests import MembershipUnknown
from domain.refusals.secrets import NotRequestable
from services.access.asking.choices import Choices, SecretChoices
from services.faults import Unavailable
from services.policies import Policies
from tests.support.builders import DANA, a_policy


@dataclass
class Before:
    """What a person requested before."""

    names: Sequence[str] = ()

    async def secrets(self, person_id: str) -> Sequence[str]:
        del person_id
        return self.names


class Offers:
    """Decides by the secret's name."""

    async def decide_requester(self, actor: Actor, found: Policy) -> Decision:
        del actor
        if found.secret == "outage":
            raise Unavailable("Microsoft Graph", "503")
        if found.secret == "unknown":
            return Decision(MembershipUnknown(found.secret))
        if found.secret.startswith("no-"):
            return Decision(NotRequestable(found.secret))
        return ALLOWED


async def choices(names: Sequence[str], before: Sequence[str] = ()) -> Choices:
    rules = tuple(Rule(name, a_policy(secret=name)) for name in names)
    policies = Policies(a_policy(), rules)
    return await SecretChoices(policies, Offers(), Before(before)).of(DANA)


async def test_only_what_the_policy_allows_is_offered() -> None:
    assert (await choices(["b-key", "no-key", "a-key"])).others == ("a-key", "b-key")


@pytest.mark.parametrize("name", ["outage", "unknown"])
async def test_an_outage_hides_nothing(name: str) -> None:
    assert (await choices(["a-key", name])).others == ("a-key", name)


async def test_what_a_person_had_comes_first_latest_first() -> None:
    found = await choices(["a-key", "b-key", "c-key"], before=["C-KEY", "b-key", "gone", "c-key"])

    assert found == Choices(("c-key", "b-key"), ("a-key",), ())


async def test_what_a_person_had_and_may_no_longer_request_is_left_out() -> None:
    assert (await choices(["no-key"], before=["no-key"])) == Choices((), (), ())


async def test_a_pattern_is_listed_as_one_and_what_it_matched_before_by_name() -> None:
    found = await choices(["a-key", "team-*"], before=["team-key"])

    assert found == Choices(("team-key",), ("a-key",), ("team-*",))
