"""Access requests: who may ask and decide, what grants and revokes, and reconciliation."""

from dataclasses import dataclass

from composition.core import Core
from composition.ports import AccessPorts
from domain.access import Request
from domain.orphan import Orphan
from domain.reconciliation import Reconciliation
from services.access import Access
from services.access_moves import AccessMoves, Rotate
from services.access_offers import AccessOffers
from services.approvers import Approvers
from services.endings import Endings
from services.extensions import Extensions
from services.leases import Leases
from services.listings import Listings
from services.open_requests import OpenRequests
from services.orphans import OrphanMoves, Orphans
from services.overdue import Overdue
from services.rates import Rates
from services.reconcile import Reconcile
from services.reviews import Reviews
from services.revocability import Revocability
from services.still_readable import StillReadable


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessServices:
    """The use cases of access requests."""

    access: Access
    approvers: Approvers
    extensions: Extensions
    reviews: Reviews
    endings: Endings
    overdue: Overdue
    listings: Listings
    leases: Leases
    orphans: Orphans
    reconcile: Reconcile
    revocability: Revocability


def compose_access(core: Core, ports: AccessPorts, rotate: Rotate | None) -> AccessServices:
    """Construct the use cases, and register what grants and revokes with the engine.

    ``rotate`` starts the rotation of a secret after a grant has ended, where a policy asks for it.
    """
    workflows, engine, kick, clock = core.workflows, core.engine, core.kick, core.clock
    directory, admins, policies = core.directory, core.admins, core.policies
    leases, rates = Leases(core.table, clock), Rates(core.table, clock)
    orphans = Orphans(engine, clock, kick)
    revocability = Revocability(ports.controls, clock)
    approvers = Approvers(
        policies,
        directory,
        ports.secrets,
        admins,
        workflows,
        engine,
        OpenRequests(core.table),
        clock,
    )
    moves = AccessMoves(
        leases,
        ports.assignments,
        clock,
        core.random,
        revocability,
        orphans.take_away,
        rotate,
        approvers=approvers,
        still=StillReadable(workflows, core.index, clock, ports.standing),
    )
    reconcile = Reconcile(
        workflows,
        engine,
        policies,
        leases,
        ports.assignments,
        clock,
        kick,
        orphans.take_away,
    )
    engine.learn(Request, moves)
    engine.learn(Orphan, OrphanMoves(leases, ports.assignments, clock, core.random))
    engine.learn(Reconciliation, reconcile)
    offers = AccessOffers(policies, directory, ports.secrets, revocability, ports.standing)
    return AccessServices(
        access=Access(
            workflows, engine, offers, policies, directory, clock, kick, rates, approvers
        ),
        approvers=approvers,
        extensions=Extensions(workflows, engine, directory, clock, kick, rates, approvers),
        reviews=Reviews(workflows, engine, directory, clock, kick, approvers),
        endings=Endings(workflows, engine, admins, clock, kick),
        overdue=Overdue(workflows, engine, leases, admins, clock, kick, core.quarantine),
        listings=Listings(workflows, core.index, admins, clock),
        leases=leases,
        orphans=orphans,
        reconcile=reconcile,
        revocability=revocability,
    )
