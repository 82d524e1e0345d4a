"""The real program, started with an empty table."""

from datetime import timedelta
from pathlib import Path

from domain.access.assignment import Assignment as Triple
from sandbox.roles import KEY_VAULT_SECRETS_USER
from sandbox.seed import BOT, VAULT
from sandbox.stored.assignments import StoredAssignment
from tests.outside.crashes import PATIENCE_SECONDS, a_world
from tests.support.deployment import DANA, Trust
from tests.support.processes.process import until


async def test_access_granted_by_an_earlier_bot_is_removed_at_startup(
    trust: Trust, azurite: str, tmp_path: Path
) -> None:
    async with a_world(trust, azurite, tmp_path) as world:
        scope = world.sandbox.seed.vault_scope(VAULT)
        world.sandbox.state.assignments.add(
            StoredAssignment(
                name=Triple(scope, DANA.object_id, KEY_VAULT_SECRETS_USER.guid).id,
                scope=scope,
                principal_id=DANA.object_id,
                principal_type="User",
                role=KEY_VAULT_SECRETS_USER,
                description="Latchkey req-lost234567: access to demo-api-key",
                condition=None,
                created_on=world.sandbox.clock() - timedelta(hours=1),
                created_by=BOT.id,
            )
        )
        bot = world.bot("starting")
        try:
            await bot.start()
            await until(lambda: bot.assigned(DANA) == [], PATIENCE_SECONDS)
            await until(lambda: bool(bot.audit()), PATIENCE_SECONDS)
        finally:
            await bot.kill()

    assert [post.status for post in bot.audit()] == ["Orphaned access removed"]
