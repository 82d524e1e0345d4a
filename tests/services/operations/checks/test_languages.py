"""The findings of every check, in a language whose texts are in wide letters.

The tests of a check look at all of its findings in that language too: see ``fakes.look``.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

import pytest

from domain.access.rules.step_up_rule import StepUpRule
from domain.diagnosis import CheckStatus, Finding, good
from domain.phrases import phrase
from domain.rotation.rotation import Dependent
from services.access.granting.leases import Leases
from services.access.sign_in.sign_in_provider import SignInProvider
from services.faults import NotPermitted, Unavailable
from services.operations.checks.check import Check
from services.operations.checks.checkpoints import checkpoint_checks
from services.operations.checks.granting import granting_checks
from services.operations.checks.groups import GroupChecks
from services.operations.checks.own import OwnChecks
from services.operations.checks.people import PeopleChecks
from services.operations.checks.policy_file import policy_file_checks
from services.operations.checks.retention import retention_checks
from services.operations.checks.revocable import revocability_checks
from services.operations.checks.room import room_checks
from services.operations.checks.rotated import RotationChecks
from services.operations.checks.sign_in import sign_in_checks
from services.operations.checks.store import store_checks
from services.operations.checks.teams import teams_checks
from services.operations.checks.vaults import vault_checks
from services.operations.doctor import Doctor
from services.people.addresses import ConversationAddresses
from services.people.directory import Directory
from services.ports import AuditChannel, ChannelTeam
from services.retention.retention import Keeping
from tests.services.operations.checks.fakes import FakeAccounts, FakeRights, FakeTime
from tests.services.operations.checks.untranslated import untranslated
from tests.services.policy_file.watched import Watched
from tests.support.azure_fakes import FakeGroups, FakePeople, FakeSecrets, FakeVaultControls
from tests.support.builders import ADA, SECRET, email_of, in_directory, policies
from tests.support.clock import ManualClock
from tests.support.replica import Replica, World
from tests.support.rotation.builders import CHECKOUT, a_rotation_policy
from tests.support.rotation.fakes import FakeHealthChecks
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import RotationWorld
from tests.support.tables.memory_table import MemoryTable

URL = "https://latchkey.example"
RULES = policies(SECRET, approvers=(email_of(ADA), "group:Approvers"))


class Entra:
    """``SignInProvider.check``, and a source of tokens; it may be out of service."""

    def __init__(self, *, is_well: bool) -> None:
        self._is_well = is_well

    async def check(self) -> None:
        if not self._is_well:
            raise Unavailable("Azure", "Elsewhere")


class Channel:
    """``AuditChannel`` in a team."""

    async def reach(self) -> None:
        pass

    async def team(self) -> ChannelTeam | None:
        return ChannelTeam("Group", "id-1")


def _signing_in(*, is_well: bool) -> Iterable[Check]:
    health = FakeHealthChecks()
    if not is_well:
        health.sick.add(f"{URL}/healthz")
    provider = cast("SignInProvider", Entra(is_well=is_well))
    rules = policies(SECRET, step_up=StepUpRule(required=True, contexts=("c1", "c2")))
    return sign_in_checks(provider, health, rules, URL)


def _in_teams(*, channel: str = "19:1", group: str = "id-1", **entra: bool) -> Iterable[Check]:
    get_token = Entra(**entra).check if entra else None
    return teams_checks(get_token, cast("AuditChannel", Channel()), channel, group)


def _own(world: World) -> Iterable[Check]:
    replica = Replica(world)
    return OwnChecks(
        replica.core.attention,
        replica.reconcile,
        FakeTime(replica.clock()),
        replica.clock,
    ).checks()


def _rotating() -> Iterable[Check]:
    strings = Dependent(CHECKOUT, "NEW", kind="connection_string")
    adding = Dependent(CHECKOUT, "KEY", kind="connection_string", create=True)
    world = RotationWorld(a_rotation_policy(dependents=(strings, adding)))
    schedules = RotationReplica(world).schedules
    checks = RotationChecks(FakeRights(), world.versions, world.dependents(), schedules)
    return checks.checks(world.policies)


def _people() -> Iterable[Check]:
    directory = Directory([FakePeople(in_directory(ADA))], ManualClock())
    references = ConversationAddresses(MemoryTable(), ManualClock())
    yield from PeopleChecks(FakeAccounts(), directory, references).checks(RULES, [email_of(ADA)])
    yield from GroupChecks(FakeGroups(), directory).checks(RULES, ["group:Approvers"])


CHECKS: dict[str, Callable[[], Iterable[Check]]] = {
    "store": lambda: store_checks(MemoryTable()),
    "vaults": lambda: vault_checks(RULES, FakeSecrets()),
    "granting": lambda: granting_checks(RULES, FakeRights()),
    "locks": lambda: revocability_checks(RULES, FakeVaultControls()),
    "room": lambda: room_checks(RULES, FakeRights(), Leases(MemoryTable(), ManualClock())),
    "people and groups": _people,
    "Teams": lambda: _in_teams(is_well=True),
    "another team": lambda: _in_teams(is_well=True, group="id-2"),
    "Teams without a team": lambda: _in_teams(is_well=True, group=""),
    "Teams that fails": lambda: _in_teams(is_well=False, channel=""),
    "local mode": _in_teams,
    "rotations": _rotating,
    "sign-ins": lambda: _signing_in(is_well=True),
    "sign-ins that fail": lambda: _signing_in(is_well=False),
    "the bot": lambda: _own(World()),
    "checkpoints": lambda: checkpoint_checks(Replica(World()).workflows, ManualClock()),
    "retention": lambda: retention_checks(
        Replica(World()).workflows, Keeping(400, None), ManualClock()
    ),
}


@pytest.mark.parametrize("checks", CHECKS.values(), ids=CHECKS)
async def test_what_a_check_finds_can_be_read_in_every_language(
    checks: Callable[[], Iterable[Check]],
) -> None:
    found = await Doctor(checks).examine()

    assert {str(one.subject): untranslated(one) for one in found if untranslated(one)} == {}
    assert found


async def test_why_a_policy_file_is_not_in_force_can_be_read_in_every_language(
    tmp_path: Path,
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("first", encoding="utf-8")
    watched = Watched(file)
    doctor = Doctor(lambda: policy_file_checks(watched.watch.notes))
    before = await doctor.examine()
    await watched.see("second !")
    after = await doctor.examine()

    assert [one.health for one in (*before, *after)] == [CheckStatus.GOOD, CheckStatus.DOUBTFUL]
    assert [untranslated(one) for one in (*before, *after)] == [[], []]


@pytest.mark.parametrize("fault", [NotPermitted("Azure", "Elsewhere"), KeyError("one")])
async def test_why_a_check_fails_can_be_read_in_every_language(fault: Exception) -> None:
    async def look() -> Finding:
        raise fault

    found = await Doctor(lambda: [Check(phrase("Clock"), look)]).examine()

    assert [untranslated(one) for one in found] == [[]]


def test_words_that_are_in_no_text_are_noticed() -> None:
    finding = good(phrase("Clock"), phrase("{seen}", seen="agrees with nobody's"))

    assert untranslated(finding) == ["agrees", "with", "nobody's"]
