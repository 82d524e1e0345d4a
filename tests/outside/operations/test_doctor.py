"""Admins' commands about the bot itself: health checks and stuck work."""

from dataclasses import replace
from pathlib import Path

import pytest

from sandbox import roles, seed
from sandbox.seed import BOT, VAULT
from sandbox.stored.assignments import StoredAssignment
from tests.outside.group_scenarios import BY_NAME, use
from tests.outside.scenarios import correlation_id, granted, refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AUDIT, AUDIT_TEAM, AVERY, DANA
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.reading import words
from tests.support.teams import an_installation

pytestmark = pytest.mark.in_memory


def line_of(card: Seen, subject: str) -> str:
    """Return the card's line for one check, with its mark."""
    [line] = [line for line in card.words.split("\n") if subject in line]
    return line


def take_right(latchkey: Latchkey, role: roles.RoleDefinition) -> None:
    """Remove one of the bot's roles on the vault."""
    assignments = latchkey.sandbox.state.assignments
    vault = latchkey.sandbox.seed.vault_scope(VAULT)
    held = assignments.same_access(vault, BOT.id, role)
    assert isinstance(held, StoredAssignment)
    assignments.remove(held, latchkey.sandbox.clock())


@pytest.mark.parametrize("typed", ["doctor", "stuck"])
async def test_only_admins_are_shown_anything(latchkey: Latchkey, typed: str) -> None:
    card = await latchkey.say(DANA, typed)

    assert "demo-vault" not in card.words
    assert "Only admins" in card.words


async def test_a_complete_deployment_is_healthy_except_for_missing_secrets(
    latchkey: Latchkey,
) -> None:
    await granted(latchkey)
    await latchkey.reconcile()
    await latchkey.begin_checkpoints()
    card = await latchkey.say(AVERY, "doctor")

    assert card.status == "3 checks uncertain"
    assert "how many others there are can't be read" in line_of(card, "Room for role assignments")
    assert "of them not requestable" in line_of(card, "What an approval opens in demo-vault")
    assert line_of(card, "Secrets of demo-vault").startswith("! ")
    assert "not in the vault: forgotten-api-key; disabled: old-api-key" in card.words
    for subject in ("Tables", "Granting", "Teams credentials", "Audit channel", "Clock"):
        assert line_of(card, subject).startswith("✓ ")


async def test_its_first_answer_comes_at_once_and_becomes_the_result(latchkey: Latchkey) -> None:
    before = len(latchkey.teams.posted_to(AVERY))

    card = await latchkey.say(AVERY, "doctor")

    [posted] = latchkey.teams.posted_to(AVERY)[before:]
    [answered_at_once] = posted.earlier
    first = words(answered_at_once["attachments"][0]["content"])
    assert "Checking configuration and permissions: starting" in first
    assert first.endswith("Then type again:\ndoctor")
    assert card.words == words(posted.card or {})
    assert "Clock" in card.words


async def test_checking_again_shows_its_progress_in_the_same_message(latchkey: Latchkey) -> None:
    card = await latchkey.say(AVERY, "doctor")

    again = await latchkey.click(AVERY, card, "Check again")

    posted = latchkey.teams.posted_to(AVERY)[-1]
    meanwhile = words(posted.earlier[-1]["attachments"][0]["content"])
    assert posted.id == card.id
    assert "Checking configuration and permissions: " in meanwhile
    assert words(posted.card or {}) == again.words
    assert "Clock" in again.words


async def test_no_one_else_changes_the_message_by_checking_again(latchkey: Latchkey) -> None:
    card = await latchkey.say(AVERY, "doctor", AUDIT)
    before = len(latchkey.teams.posted[-1].earlier)

    refused = await latchkey.click(DANA, card, "Check again")

    assert "Only admins" in refused.sentence
    assert len(latchkey.teams.posted[-1].earlier) == before


async def test_an_approver_without_a_chat_gets_a_warning(latchkey: Latchkey) -> None:
    card = await latchkey.say(AVERY, "doctor")

    assert "is Robin Reviewer, but hasn't started a chat with the bot" in line_of(card, "robin@")


async def test_a_disabled_approver_is_distinguished_from_an_unknown_one(latchkey: Latchkey) -> None:
    await latchkey.restart(SECRET_APPROVER_EMAIL="avery@contoso.com, sam@contoso.com, nobody@x.y")
    card = await latchkey.say(AVERY, "doctor")

    assert line_of(card, "sam@contoso.com").endswith("is disabled")
    assert line_of(card, "nobody@x.y").endswith("isn't in the directory")
    assert line_of(card, "sam@contoso.com").startswith("✗ ")


async def test_without_graph_it_says_so_and_still_runs_the_other_checks(
    latchkey: Latchkey,
) -> None:
    latchkey.sandbox.state.knobs.graph_permitted = False
    await latchkey.restart(SECRET_APPROVER_EMAIL=AVERY.object_id)
    await granted(latchkey)
    card = await latchkey.say(AVERY, "doctor")

    assert "Microsoft Graph can't be queried" in line_of(card, AVERY.object_id)
    assert line_of(card, "Tables").startswith("✓ ")


async def test_a_missing_permission_is_reported_with_what_to_do(latchkey: Latchkey) -> None:
    take_right(latchkey, roles.RBAC_ADMINISTRATOR)
    card = await latchkey.say(AVERY, "doctor")

    assert line_of(card, "Granting at demo-vault").startswith("✗ ")
    assert "Give the bot Role Based Access Control Administrator" in card.words


async def test_a_reader_of_the_subscription_learns_how_full_it_is(latchkey: Latchkey) -> None:
    state, world = latchkey.sandbox.state, latchkey.sandbox.seed
    without = await latchkey.say(AVERY, "doctor")
    held = state.assignments.same_access(world.vault_scope(VAULT), BOT.id, roles.KEY_VAULT_READER)
    assert isinstance(held, StoredAssignment)
    subscription = f"/subscriptions/{world.subscription_id}"

    state.assignments.add(replace(held, name="reader", scope=subscription, role=roles.READER))
    known = await latchkey.say(AVERY, "doctor")
    state.knobs.assignment_limit = len(state.assignments.live) + 1
    nearly_full = await latchkey.say(AVERY, "doctor")

    subject = "Room for role assignments"
    assert line_of(without, subject).startswith("! ")
    assert "Give the bot Reader on the subscription" in without.words
    assert line_of(known, subject).startswith("✓ ")
    assert "of 4,000 are used" in line_of(known, subject)
    assert line_of(nearly_full, subject).startswith("! ")


async def test_an_unknown_role_is_reported(latchkey: Latchkey) -> None:
    unknown = "99999999-0000-4000-8000-000000000009"
    await latchkey.restart(KEY_VAULT_ROLE_DEFINITION_ID=unknown)
    card = await latchkey.say(AVERY, "doctor")

    assert line_of(card, "Granting at").endswith(f"there is no role {unknown}")


async def test_a_vault_that_refuses_does_not_stop_the_other_checks(latchkey: Latchkey) -> None:
    latchkey.sandbox.break_next(refusing("GET", "/secrets"))
    card = await latchkey.say(AVERY, "doctor")

    assert line_of(card, "Secrets of demo-vault").startswith("✗ ")
    assert line_of(card, "Granting at").startswith("✓ ")


async def test_a_wrong_clock_is_detected_by_comparing_it_with_azures(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    late = clock()
    await latchkey.stop()
    clock.advance(minutes=3)
    latchkey.use_clock(lambda: late)
    await latchkey.start()
    card = await latchkey.say(AVERY, "doctor")

    assert "differs from Azure's by 180 seconds" in line_of(card, "Clock")
    assert line_of(card, "Clock").startswith("✗ ")


@pytest.mark.parametrize(
    ("group_id", "mark", "found"),
    [
        (AUDIT_TEAM, "✓ ", "answers, in the team Operations"),
        ("11111111-0d8f-4d36-8f7b-2f6f0c3d5a10", "✗ ", "is in the team Operations, which isn't"),
    ],
)
async def test_the_audit_channel_has_to_be_in_the_team_that_is_configured(
    latchkey: Latchkey, group_id: str, mark: str, found: str
) -> None:
    latchkey.teams.teams[str(AUDIT.team)] = AUDIT_TEAM
    await latchkey.restart(ADMIN_TEAMS_GROUP_ID=group_id)
    await latchkey.deliver(an_installation(DANA, AUDIT))
    card = await latchkey.say(AVERY, "doctor")

    line = line_of(card, "Audit channel")
    assert line.startswith(mark)
    assert found in line


async def test_missing_team_details_do_not_fail_the_channel_check(
    latchkey: Latchkey,
) -> None:
    await latchkey.deliver(an_installation(DANA, AUDIT))
    card = await latchkey.say(AVERY, "doctor")

    assert line_of(card, "Audit channel").startswith("✓ ")
    assert line_of(card, "Audit channel").endswith("answers")


async def test_rotations_are_checked_too(bot: Latchkey) -> None:
    card = await bot.say(AVERY, "doctor")

    assert line_of(card, "Rotating app-api-key").startswith("✓ ")
    assert line_of(card, "Setting demo-app").startswith("✓ ")
    assert "next run on 1 Apr 2026" in line_of(card, "Schedule of app-api-key")


async def test_stuck_work_is_listed_with_its_cause_until_it_ends(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    before = await latchkey.say(AVERY, "stuck")
    request_id = correlation_id(await granted(latchkey))
    latchkey.sandbox.break_next(refusing("DELETE", "roleAssignments"))
    clock.advance(hours=2)
    await latchkey.tick()
    clock.advance(minutes=5)
    await latchkey.tick()
    during = await latchkey.say(AVERY, "stuck")
    examined = await latchkey.say(AVERY, "doctor")
    latchkey.sandbox.state.faults.clear()
    clock.advance(minutes=5)
    await latchkey.tick()
    after = await latchkey.say(AVERY, "stuck")

    assert before.status == after.status == "Nothing is stuck"
    assert during.status == "1 item is stuck"
    assert "Dana Developer's access to demo-api-key in demo-vault" in during.words
    assert f"{request_id} · since 2 Mar 2026, 11:00 UTC, 2 attempts" in during.words
    assert "403 AuthorizationFailed: not now" in during.words
    assert line_of(examined, "Overdue work").startswith("✗ ")
    assert "It was stuck, and came 10 minutes late." in latchkey.audit()[-1].words


async def test_doctor_counts_the_people_in_a_group(latchkey: Latchkey, tmp_path: Path) -> None:
    await use(latchkey, tmp_path, f'approvers = ["{BY_NAME}"]')
    card = await latchkey.say(AVERY, "doctor")

    assert line_of(card, "Approver group Payments approvers").startswith("✓ ")
    assert line_of(card, "Approver group Payments approvers").endswith("with 2 people")
    assert line_of(card, "Approvers of ").endswith("2 people for 1 approval")


async def test_doctor_names_a_missing_permission(latchkey: Latchkey, tmp_path: Path) -> None:
    await use(latchkey, tmp_path, f'approvers = ["{BY_NAME}"]')
    principals = latchkey.sandbox.state.directory.service_principals
    principals[seed.BOT.id] = replace(seed.BOT, graph_permissions=("User.Read.All",))
    card = await latchkey.say(AVERY, "doctor")

    line = line_of(card, "Approver group Payments approvers")
    assert line.startswith("✗ ")
    assert "can't be checked (403 Authorization_RequestDenied" in line
    assert "GroupMember.Read.All" in card.words


async def test_doctor_names_a_quorum_that_a_group_is_too_small_for(
    latchkey: Latchkey, tmp_path: Path
) -> None:
    await use(latchkey, tmp_path, f'approvers = ["{BY_NAME}"]\nmin_approvals = 3')
    card = await latchkey.say(AVERY, "doctor")

    assert line_of(card, "Approvers of ").endswith(
        "only 2 people for 3 approvals, so no request can succeed"
    )
