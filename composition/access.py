"""Access requests: requesters and approvers, granting and revoking, and reconciliation."""

from dataclasses import dataclass

from composition.core import Core
from composition.ports import AccessPorts
from domain.access.request import Request
from domain.reconciliation.orphan import Orphan
from domain.reconciliation.reconciliation import Reconciliation
from services.access.asking.auto_approvals import AutoApprovals
from services.access.asking.backgrounds import Backgrounds
from services.access.asking.existing import ExistingSecrets
from services.access.asking.explanations import Explanations
from services.access.asking.not_allowed import AllowedNow, NotAllowedNow
from services.access.asking.offers import AccessOffers
from services.access.asking.rates import Rates
from services.access.asking.revocability import Revocability
from services.access.asking.step_up_gate import StepUpGate
from services.access.asking.still_allowed import StillAllowed
from services.access.endings import Endings
from services.access.extensions import Extensions
from services.access.following import FollowRules
from services.access.free_extensions import FreeExtensions
from services.access.granting.leases import Leases
from services.access.granting.moves import (
    AccessMoves,
    ChecksOfApproval,
    ChecksOfRetries,
    PeopleOfRequests,
    Rotate,
)
from services.access.granting.orphans import OrphanMoves, Orphans
from services.access.granting.overdue import Overdue
from services.access.granting.rechecks import Rechecks
from services.access.granting.reconcile import Reconcile
from services.access.granting.retries import Retries
from services.access.granting.starts import Starts
from services.access.granting.still_readable import StillReadable
from services.access.listings import Listings
from services.access.reads.grant_reads import GrantReads
from services.access.reminders import Reminders
from services.access.requests import Access
from services.access.reviews import Reviews
from services.access.who_decides.approvers import Approvers
from services.access.who_decides.named_today import NamedToday
from services.access.who_decides.open_requests import OpenRequests
from services.drill.canary import NoPeople, NothingToCheck
from services.people.deciding_groups import DecidingGroups
from services.people.sight import Sight


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessServices:
    """The use cases of access requests."""

    access: Access
    approvers: Approvers
    following: FollowRules
    explanations: Explanations
    extensions: Extensions
    reminders: Reminders
    reviews: Reviews
    endings: Endings
    still_readable: StillReadable
    overdue: Overdue
    listings: Listings
    offers: AccessOffers
    sight: Sight
    leases: Leases
    moves: AccessMoves
    drill_moves: AccessMoves
    """The same for access that no person asks for."""
    reconcile: Reconcile
    revocability: Revocability
    grant_reads: GrantReads


def compose_access(core: Core, ports: AccessPorts, rotate: Rotate) -> AccessServices:
    """Construct the use cases, and register the workflows of access with the engine.

    ``rotate`` starts the rotation of a secret after a grant has ended, if the policy asks for it.
    """
    workflows, engine, clock = core.workflows, core.engine, core.clock
    advance_soon = core.advance_soon
    directory, admins, policies = core.directory, core.admins, core.policies
    leases, rates = Leases(core.table, clock), Rates(core.table, clock)
    orphans = Orphans(engine, clock, advance_soon)
    revocability = Revocability(ports.controls, clock)
    existing = ExistingSecrets(ports.secrets, clock)
    groups = DecidingGroups(core.principals, policies)
    sight = Sight(admins, groups)
    approvers = _approvers(core, ports, groups)
    offers = AccessOffers(
        policies, directory, core.principals, ports.secrets, existing, revocability, ports.standing
    )
    auto_approvals = AutoApprovals(directory, core.principals)
    step_up = StepUpGate(policies, clock)
    grant_reads = GrantReads(ports.reads, clock)
    still_readable = StillReadable(workflows, core.index, clock, ports.assignments, ports.standing)
    rechecks = Rechecks(policies, offers, approvers)
    still_allowed = StillAllowed(approvers, offers)
    allowed_now = AllowedNow(policies, approvers, still_allowed, step_up)
    not_allowed = NotAllowedNow(workflows, engine, allowed_now, clock, advance_soon)

    def moves_for(
        people: PeopleOfRequests,
        allowed_now: ChecksOfApproval,
        retries: ChecksOfRetries,
        reads: GrantReads,
    ) -> AccessMoves:
        return AccessMoves(
            leases,
            ports.assignments,
            clock,
            core.random,
            revocability,
            existing,
            orphans.take_away,
            rotate,
            people,
            allowed_now,
            still_readable,
            Starts(rechecks, clock),
            retries,
            core.worker.recovery.note,
            reads,
        )

    moves = moves_for(approvers, allowed_now, Retries(rechecks, clock), grant_reads)
    reconcile = _reconcile(core, ports, leases, orphans)
    engine.register(Request, moves)
    engine.register(Orphan, _orphan_moves(core, ports, leases))
    engine.register(Reconciliation, reconcile)
    return AccessServices(
        access=_requests(
            core, rates, approvers, offers, allowed_now, auto_approvals, step_up, not_allowed
        ),
        approvers=approvers,
        following=FollowRules(OpenRequests(core.table), approvers, not_allowed),
        explanations=Explanations(policies, offers, auto_approvals, admins, clock),
        extensions=_extensions(core, rates, approvers, offers, still_allowed, step_up, not_allowed),
        reminders=Reminders(workflows, engine, approvers, allowed_now, clock, advance_soon),
        reviews=Reviews(workflows, engine, clock, advance_soon, approvers),
        endings=Endings(workflows, engine, sight, clock, advance_soon),
        still_readable=still_readable,
        overdue=Overdue(
            workflows, engine, leases, admins, sight, clock, advance_soon, core.quarantine
        ),
        listings=Listings(workflows, core.index, admins, sight, groups, clock),
        offers=offers,
        sight=sight,
        leases=leases,
        moves=moves,
        # A canary's grant is nobody's: nobody asks who read with it.
        drill_moves=moves_for(
            NoPeople(), NothingToCheck(), NothingToCheck(), GrantReads(None, clock)
        ),
        reconcile=reconcile,
        revocability=revocability,
        grant_reads=grant_reads,
    )


def _approvers(core: Core, ports: AccessPorts, groups: DecidingGroups) -> Approvers:
    return Approvers(
        core.policies,
        core.directory,
        core.principals,
        groups,
        NamedToday(core.directory, core.principals, ports.secrets),
        core.admins,
        core.workflows,
        core.engine,
        core.clock,
    )


def _requests(
    core: Core,
    rates: Rates,
    approvers: Approvers,
    offers: AccessOffers,
    allowed_now: AllowedNow,
    auto_approvals: AutoApprovals,
    step_up: StepUpGate,
    not_allowed: NotAllowedNow,
) -> Access:
    return Access(
        core.workflows,
        core.engine,
        offers,
        core.policies,
        core.clock,
        core.advance_soon,
        rates,
        approvers,
        allowed_now,
        auto_approvals,
        step_up,
        not_allowed,
        Backgrounds(core.workflows, core.index, core.clock),
    )


def _extensions(
    core: Core,
    rates: Rates,
    approvers: Approvers,
    offers: AccessOffers,
    still_allowed: StillAllowed,
    step_up: StepUpGate,
    not_allowed: NotAllowedNow,
) -> Extensions:
    return Extensions(
        core.workflows,
        core.engine,
        core.clock,
        core.advance_soon,
        rates,
        approvers,
        offers,
        FreeExtensions(approvers, offers),
        still_allowed,
        step_up,
        not_allowed,
    )


def _reconcile(core: Core, ports: AccessPorts, leases: Leases, orphans: Orphans) -> Reconcile:
    return Reconcile(
        core.workflows,
        core.engine,
        core.policies,
        leases,
        ports.assignments,
        core.clock,
        core.advance_soon,
        orphans.take_away,
    )


def _orphan_moves(core: Core, ports: AccessPorts, leases: Leases) -> OrphanMoves:
    note = core.worker.recovery.note
    return OrphanMoves(leases, ports.assignments, core.clock, core.random, note)
