"""Operations: metrics, `/readyz`, and the checks of `doctor`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from opentelemetry.metrics import Meter

from composition.access import AccessServices
from composition.core import Core
from composition.ports import AzurePorts
from composition.rotation import RotationServices
from composition.step_up import StepUp
from composition.teams import Teams
from config import Settings
from services.drill.canary import Canary
from services.drill.drills import DrillPlans
from services.operations.checks.check import Check
from services.operations.checks.checkpoints import checkpoint_checks
from services.operations.checks.drill import DrillChecks
from services.operations.checks.granting import granting_checks
from services.operations.checks.groups import GroupChecks
from services.operations.checks.issuers import IssuerChecks
from services.operations.checks.own import OwnChecks
from services.operations.checks.people import PeopleChecks
from services.operations.checks.policy_file import policy_file_checks
from services.operations.checks.read_log import read_log_checks
from services.operations.checks.retention import retention_checks
from services.operations.checks.revocable import revocability_checks
from services.operations.checks.room import room_checks
from services.operations.checks.rotated import RotationChecks
from services.operations.checks.sign_in import sign_in_checks
from services.operations.checks.store import store_checks
from services.operations.checks.teams import teams_checks
from services.operations.checks.vaults import vault_checks
from services.operations.doctor import Doctor
from services.operations.drill_age import DrillAge
from services.operations.health import Health, Probe
from services.operations.latest_look import LOOK_EVERY, LatestLook
from services.operations.open_grants import COUNTED_EVERY, OpenGrants
from services.operations.revocability_notes import RevocabilityNotes
from services.operations.seldom import Seldom
from services.operations.stuck import Stuck
from services.policy_file.watch import PolicyWatch
from services.retention.retention import Keeping


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """The state of the bot, for operators."""

    health: Health
    doctor: Doctor
    stuck: Stuck


def compose_operations(
    settings: Settings,
    core: Core,
    azure: AzurePorts,
    teams: Teams,
    access: AccessServices,
    rotation: RotationServices,
    step_up: StepUp | None,
    watch: PolicyWatch | None,
    keeping: Keeping,
    canary: Canary | None,
    drills: DrillPlans,
    meter: Meter,
) -> Operations:
    """Construct the health page, the checks, and the list of what is stuck."""
    drill_age = DrillAge(drills.last_proof, core.clock, meter)
    open_grants = OpenGrants(access.leases, meter)
    gauges = (
        Seldom(drill_age.measure, LOOK_EVERY, core.clock).measure,
        Seldom(open_grants.measure, COUNTED_EVERY, core.clock).measure,
    )
    return Operations(
        health=_health(settings, core, azure, teams, access, watch, meter, gauges),
        doctor=_doctor(
            settings, core, azure, teams, access, rotation, step_up, watch, keeping, canary, drills
        ),
        stuck=Stuck(core.workflows, core.attention, core.clock),
    )


def _health(
    settings: Settings,
    core: Core,
    azure: AzurePorts,
    teams: Teams,
    access: AccessServices,
    watch: PolicyWatch | None,
    meter: Meter,
    gauges: Sequence[Probe],
) -> Health:
    locks = RevocabilityNotes(core.policies, access.revocability, core.clock)
    of_file = watch.notes if watch else tuple
    return Health(
        {**_probes(settings, core, azure, teams), "locks": locks.look},
        LatestLook(core.attention, core.clock, meter),
        core.clock,
        lambda: [*map(str, of_file()), *locks.notes()],
        gauges,
    )


def _probes(settings: Settings, core: Core, azure: AzurePorts, teams: Teams) -> dict[str, Probe]:
    """Return a probe for each service that the bot can't work without, by name."""
    probes: dict[str, Probe] = {
        "tables": lambda: core.table.get("readyz", "readyz"),
        "Key Vault": lambda: azure.access.secrets.state(settings.vault, "latchkey-readyz"),
    }
    if teams.tokens:
        probes["Teams credentials"] = teams.tokens.get_token
    return probes


def _doctor(
    settings: Settings,
    core: Core,
    azure: AzurePorts,
    teams: Teams,
    access: AccessServices,
    rotation: RotationServices,
    step_up: StepUp | None,
    watch: PolicyWatch | None,
    keeping: Keeping,
    canary: Canary | None,
    drills: DrillPlans,
) -> Doctor:
    policies, secrets, controls = core.policies, azure.access.secrets, azure.access.controls
    rights, versions = azure.checks.rights, azure.rotation.versions
    people_checks = PeopleChecks(azure.checks.accounts, core.directory, teams.references)
    group_checks = GroupChecks(azure.groups, core.directory)
    rotation_checks = RotationChecks(
        rights, versions, azure.rotation.dependents, rotation.schedules
    )
    issuer_checks = IssuerChecks(rights, azure.checks.owners, azure.rotation.issuers)
    own_checks = OwnChecks(core.attention, access.reconcile, azure.checks.time, core.clock)
    drill_checks = (
        DrillChecks(canary, secrets, azure.checks.accounts, drills.last) if canary else None
    )
    get_token = teams.tokens.get_token if teams.tokens else None
    admins = settings.admins or settings.approvers
    audit_channel_id, audit_team_id = settings.audit_channel_id, settings.audit_team_id

    def checks() -> Iterator[Check]:
        yield from store_checks(core.table)
        yield from vault_checks(policies, secrets)
        yield from granting_checks(policies, rights)
        yield from revocability_checks(policies, controls)
        yield from room_checks(policies, rights, access.leases)
        yield from people_checks.checks(policies, admins)
        yield from group_checks.checks(policies, admins)
        yield from teams_checks(
            get_token, teams.roster, audit_channel_id or "", audit_team_id or ""
        )
        yield from rotation_checks.checks(policies)
        yield from issuer_checks.checks(policies)
        if watch:
            yield from policy_file_checks(watch.notes)
        if step_up and settings.public_url:
            yield from sign_in_checks(
                step_up.provider, azure.rotation.health, policies, settings.public_url
            )
        yield from own_checks.checks()
        yield from checkpoint_checks(core.workflows, core.clock)
        yield from retention_checks(core.workflows, keeping, core.clock)
        if azure.access.reads:
            yield from read_log_checks(policies, azure.access.reads, core.clock)
        if drill_checks:
            yield from drill_checks.checks(policies)

    return Doctor(checks)
