"""A developer requests access, an approver decides, and access begins and ends."""

from sandbox.seed import APP_API_KEY, BOT, DEMO_API_KEY, SAM, VAULT
from tests.outside.scenarios import ASKED, asked, correlation_id, granted
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.reading import buttons
from tests.support.teams import Fault, a_channel, a_message, an_edit

CLI = "az keyvault secret show --vault-name demo-vault --name demo-api-key"


async def test_a_complete_request_needs_no_form(latchkey: Latchkey) -> None:
    card = await latchkey.say(DANA, ASKED)

    assert card.status == "Sent for approval"
    assert "Dana Developer asked to read demo-api-key in demo-vault for 2 hours." in card.words
    assert "smoke test" in card.words
    assert card.buttons == {"Remind", "Cancel request", "Refresh"}


async def test_each_approver_gets_a_personal_card_with_all_details(
    latchkey: Latchkey,
) -> None:
    await asked(latchkey)

    secrets = latchkey.sandbox.seed.vaults[0].secrets
    for approver in (AVERY, ROBIN):
        card = latchkey.card_of(approver)
        assert "Dana Developer asks to read demo-api-key in demo-vault for 2 hours." in card.words
        assert "smoke test" in card.words
        assert f"The whole vault: {len(secrets)} secrets" in card.words
        assert card.buttons == {"Approve", "Approve with limits", "Deny"}


async def test_an_approver_without_a_chat_is_found_by_their_entra_object_id(
    latchkey: Latchkey,
) -> None:
    await asked(latchkey)

    opened = latchkey.teams.conversations[f"a:{AVERY.object_id}"]
    assert opened["members"] == [{"id": AVERY.object_id}]


async def test_an_approver_with_a_chat_is_asked_in_that_chat(latchkey: Latchkey) -> None:
    await latchkey.say(AVERY, "help")
    await asked(latchkey)

    assert latchkey.card_of(AVERY).buttons == {"Approve", "Approve with limits", "Deny"}
    assert f"a:{AVERY.object_id}" not in latchkey.teams.conversations


async def test_the_developer_can_read_the_value_with_their_own_identity_while_access_lasts(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    secret = latchkey.sandbox.state.vaults[VAULT].secrets[DEMO_API_KEY]

    await asked(latchkey)
    before = await latchkey.read(DANA, DEMO_API_KEY)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()
    during = await latchkey.read(DANA, DEMO_API_KEY)
    clock.advance(hours=2)
    await latchkey.tick()
    after = await latchkey.read(DANA, DEMO_API_KEY)

    assert (before, during, after) == (None, secret.current.value, None)


async def test_the_bot_itself_never_reads_a_value(latchkey: Latchkey, clock: ManualClock) -> None:
    await granted(latchkey)
    await latchkey.say(DANA, "secrets")
    await latchkey.get("/readyz")
    clock.advance(hours=2)
    await latchkey.tick()

    asked_of_vault = {
        request.path
        for request in latchkey.sandbox.log
        if request.principal == BOT.id and request.path.startswith("/secrets")
    }
    assert asked_of_vault == {
        "/secrets",
        f"/secrets/{DEMO_API_KEY}/versions",
        "/secrets/latchkey-readyz/versions",
    }


async def test_access_lasts_until_the_end_of_its_window_and_no_longer(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await granted(latchkey)
    clock.advance(hours=2, seconds=-1)
    await latchkey.tick()
    before_the_end = latchkey.assigned(DANA)
    clock.advance(seconds=1)
    await latchkey.tick()

    assert len(before_the_end) == 1
    assert latchkey.assigned(DANA) == []


async def test_waiting_for_approval_does_not_shorten_the_window(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked(latchkey)
    clock.advance(hours=3)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    assert "until 2 Mar 2026, 14:00 UTC" in latchkey.sent_to(DANA)[-1].words


async def test_the_assignment_has_the_one_role_and_a_description(latchkey: Latchkey) -> None:
    card = await granted(latchkey)

    [assignment] = latchkey.assigned(DANA)
    assert (assignment["role_name"], assignment["place"]) == ("Key Vault Secrets User", VAULT)
    assert (
        assignment["description"]
        == f"Latchkey {correlation_id(card)}: access to demo-api-key, expires 2026-03-02T11:00:00Z"
    )


async def test_access_can_be_configured_to_cover_only_the_one_secret(latchkey: Latchkey) -> None:
    await latchkey.restart(GRANT_SCOPE="secret")
    card = await granted(latchkey)

    assert "Only this secret" in card.words
    assert await latchkey.read(DANA, DEMO_API_KEY)
    assert await latchkey.read(DANA, APP_API_KEY) is None


async def test_the_developer_gets_a_message_with_the_end_and_how_to_read_the_value(
    latchkey: Latchkey,
) -> None:
    await granted(latchkey)

    told = latchkey.sent_to(DANA)[-1]
    link = buttons(told.card)["Open in the Azure portal"]["url"]
    assert told.status == "Access granted"
    assert "until 2 Mar 2026, 11:00 UTC, for 2 hours." in told.words
    assert CLI in told.words
    assert link.startswith("https://portal.azure.com/#@")
    assert link.endswith(f"/secrets/{DEMO_API_KEY}")


async def test_the_developer_gets_a_message_when_access_has_ended(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await granted(latchkey)
    clock.advance(hours=2)
    await latchkey.tick()

    told = latchkey.sent_to(DANA)[-1]
    assert told.status == "Access ended"
    assert "The role assignment is deleted, and Azure confirms it." in told.words


async def test_the_audit_channel_gets_every_step_in_one_thread_with_one_correlation_id(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    card = await granted(latchkey)
    clock.advance(hours=2)
    await latchkey.tick()

    audit = latchkey.audit()
    assert [post.status for post in audit] == [
        "Access requested",
        "Approved",
        "Access granted",
        "Access expired",
        "Access revoked",
    ]
    assert {correlation_id(post) for post in audit} == {correlation_id(card)}
    assert len({post.place for post in audit}) == 1
    assert [len(message.parts) for message in latchkey.audit_messages()] == [1, 2, 2]


async def test_every_approvers_copy_of_the_card_is_updated_in_place_at_the_decision(
    latchkey: Latchkey,
) -> None:
    async def shown() -> set[tuple[str, str]]:
        await latchkey.tick()
        cards = [latchkey.card_of(person) for person in (AVERY, ROBIN)]
        return {(card.id, card.status) for card in cards}

    await latchkey.say(DANA, ASKED)
    pending = await shown()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    active = await shown()

    ids = {id_ for id_, _ in pending}
    assert pending == {(id_, "Waiting for approval") for id_ in ids}
    assert active == {(id_, "Granted") for id_ in ids}
    assert 1 == len(latchkey.teams.posted_to(AVERY)) == len(latchkey.teams.posted_to(ROBIN))


async def test_an_approver_sees_the_result_of_their_click_immediately(latchkey: Latchkey) -> None:
    await asked(latchkey)

    card = await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")

    assert card.status == "Approved, granting access"
    assert card.buttons == set()


async def test_a_denial_reaches_everyone_with_its_reason_and_grants_nothing(
    latchkey: Latchkey,
) -> None:
    await asked(latchkey)
    answer = await latchkey.click(
        AVERY, latchkey.card_of(AVERY), "Deny", reason="Use the test vault."
    )
    await latchkey.tick()

    told, audit = latchkey.sent_to(DANA)[-1], latchkey.audit()[-1]
    assert answer.status == "Denied"
    assert (told.status, audit.status) == ("Request denied", "Denied")
    assert "Use the test vault." in told.words
    assert "Use the test vault." in audit.words
    assert {latchkey.card_of(one).status for one in (AVERY, ROBIN)} == {"Denied"}
    assert latchkey.assigned(DANA) == []


async def test_an_undecided_request_expires_after_eight_hours(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked(latchkey)
    clock.advance(hours=8)
    await latchkey.tick()

    assert latchkey.sent_to(DANA)[-1].status == "Request expired"
    assert latchkey.audit()[-1].status == "Request expired"
    assert latchkey.card_of(AVERY).buttons == set()


async def test_the_channel_is_asked_if_an_approver_cannot_be_reached(
    latchkey: Latchkey,
) -> None:
    latchkey.teams.uninstalled_for.add(AVERY)
    await asked(latchkey)
    await latchkey.tick()

    [card] = [post for post in latchkey.audit() if post.title == "Access request"]
    assert card.buttons == {"Approve", "Approve with limits", "Deny"}
    robins = latchkey.card_of(ROBIN)
    assert robins.buttons == {"Approve", "Approve with limits", "Deny"}
    assert "Approver not reachable" in [post.status for post in latchkey.audit()]
    assert latchkey.sent_to(DANA)[-1].status == "Approver not reachable"
    assert "Avery Approver can't be reached in Teams" in latchkey.sent_to(DANA)[-1].words


async def test_a_request_can_be_decided_in_the_channel(latchkey: Latchkey) -> None:
    latchkey.teams.uninstalled_for.add(AVERY)
    await asked(latchkey)
    await latchkey.tick()
    [card] = [post for post in latchkey.audit() if post.title == "Access request"]
    await latchkey.click(AVERY, card, "Approve")
    await latchkey.tick()

    [card] = [post for post in latchkey.audit() if post.title == "Access request"]
    assert card.status == "Granted"
    assert len(latchkey.assigned(DANA)) == 1


async def test_an_approver_is_not_asked_about_their_own_request(latchkey: Latchkey) -> None:
    card = await latchkey.say(AVERY, ASKED)
    await latchkey.tick()

    assert "Approvers\nRobin Reviewer\n" in card.words
    assert [seen.id for seen in latchkey.sent_to(AVERY)] == [card.id]
    assert latchkey.card_of(ROBIN).buttons == {"Approve", "Approve with limits", "Deny"}


async def test_a_request_from_a_channel_is_answered_there_and_followed_up_privately(
    latchkey: Latchkey,
) -> None:
    thread = a_channel("general", thread="1700000000000")
    card = await latchkey.say(DANA, ASKED, thread)
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    [posted, outcome] = latchkey.teams.posted_in(thread.id)
    assert card.status == "Waiting for approval"
    assert (posted.id, Seen.of(posted).status) == (card.id, "Granted")
    assert Seen.of(outcome).status == "Access granted"
    assert [seen.status for seen in latchkey.sent_to(DANA)] == ["Access granted"]


async def test_a_requester_without_a_chat_gets_messages_where_they_asked(
    latchkey: Latchkey,
) -> None:
    thread = a_channel("general", thread="1700000000000")
    latchkey.teams.uninstalled_for.add(DANA)
    await latchkey.say(DANA, ASKED, thread)
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    [_, told] = latchkey.teams.posted_in(thread.id)
    assert Seen.of(told).status == "Access granted"
    assert latchkey.sent_to(DANA) == []


async def test_a_suspended_account_cannot_approve(latchkey: Latchkey) -> None:
    await latchkey.restart(SECRET_APPROVER_EMAIL="sam@contoso.com,avery@contoso.com")
    card = await asked(latchkey)

    assert "Approvers\nAvery Approver\n" in card.words
    assert "a:" + SAM.id not in latchkey.teams.conversations


async def test_without_graph_permission_approvers_are_found_through_the_team(
    latchkey: Latchkey,
) -> None:
    await latchkey.restart(SECRET_APPROVER_EMAIL=AVERY.object_id)
    latchkey.sandbox.state.knobs.graph_permitted = False
    latchkey.teams.people = [DANA, AVERY]
    card = await asked(latchkey)

    assert "Approvers\nAvery Approver\n" in card.words
    assert latchkey.card_of(AVERY).buttons == {"Approve", "Approve with limits", "Deny"}


async def test_a_request_whose_answer_was_lost_is_answered_when_teams_retries(
    latchkey: Latchkey,
) -> None:
    message = a_message(ASKED, DANA)
    latchkey.teams.fail(Fault(403, "ServiceError"), times=2)
    await latchkey.deliver(message)
    lost = latchkey.sent_to(DANA)
    await latchkey.restart()
    await latchkey.deliver(message)
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    assert lost == []
    assert len(latchkey.teams.posted_to(AVERY)) == 1
    assert (await latchkey.look(DANA, latchkey.card_of(DANA))).status == "Granted"


async def test_a_message_that_teams_delivers_twice_is_one_request(latchkey: Latchkey) -> None:
    message = a_message(ASKED, DANA)
    await latchkey.deliver(message)
    await latchkey.restart()
    await latchkey.deliver(message)
    await latchkey.tick()

    assert len(latchkey.teams.posted_to(AVERY)) == 1
    assert [post.status for post in latchkey.audit()] == ["Access requested"]


async def test_an_edited_message_makes_no_request(latchkey: Latchkey) -> None:
    message = a_message("help", DANA)
    await latchkey.deliver(message)
    await latchkey.deliver(an_edit(message, ASKED))
    await latchkey.tick()

    assert len(latchkey.teams.posted_to(DANA)) == 1
    assert latchkey.audit() == []


async def test_access_shared_by_two_grants_ends_with_the_later_one(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await granted(latchkey)
    clock.advance(hours=1)
    await granted(latchkey)
    clock.advance(hours=1)
    await latchkey.tick()
    after_the_first = len(latchkey.assigned(DANA))
    told = latchkey.sent_to(DANA)[-1]
    clock.advance(hours=1)
    await latchkey.tick()

    assert "because another grant of yours lasts until then" in told.words
    assert (after_the_first, len(latchkey.assigned(DANA))) == (1, 0)


async def test_an_outage_of_teams_delays_no_revocation(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await granted(latchkey)
    latchkey.teams.fail(Fault(429, retry_after=60), times=1_000)
    clock.advance(hours=2)
    await latchkey.tick()

    assert latchkey.assigned(DANA) == []
    assert latchkey.audit()[-1].status == "Access granted"


async def test_messages_missed_during_an_outage_of_teams_are_sent_afterwards(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await granted(latchkey)
    latchkey.teams.fail(Fault(429, retry_after=60), times=2)  # each of the messages once
    clock.advance(hours=2)
    await latchkey.tick()
    clock.advance(minutes=5)
    await latchkey.tick()

    assert [post.status for post in latchkey.audit()[3:]] == ["Access expired", "Access revoked"]
    assert latchkey.sent_to(DANA)[-1].status == "Access ended"
