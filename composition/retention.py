"""Retention: what ended long ago is archived and removed."""

from contextlib import AsyncExitStack

from composition.clients import Clients
from composition.core import Core
from config import Settings
from domain.retention.retention import Retention
from services.access.granting.leases import Leases
from services.audit.counts.counted_parts import CountedParts
from services.audit.days.sealed_records import SealedRecords
from services.azure.blobs import BlobArchive
from services.retention.archive import Archive
from services.retention.removal import Removal
from services.retention.retention import Keeping, RetentionMoves
from services.retention.waiting import Waiting


def open_archive(settings: Settings, clients: Clients, resources: AsyncExitStack) -> Archive | None:
    """Open the configured container, if there is one."""
    if settings.archive_container is None:
        return None
    archive = BlobArchive(
        clients.credential, clients.pipeline, container=settings.archive_container
    )
    resources.push_async_callback(archive.close)
    return archive


def compose_retention(core: Core, leases: Leases, keeping: Keeping) -> RetentionMoves:
    """Construct retention, and register it with the engine."""
    table, workflows = core.table, core.workflows
    moves = RetentionMoves(
        workflows,
        core.engine,
        CountedParts(table),
        SealedRecords(table, workflows),
        Removal(table, workflows, core.index),
        Waiting(leases, core.outbox, core.quarantine),
        keeping,
        core.clock,
        core.advance_soon,
    )
    core.engine.register(Retention, moves)
    return moves
