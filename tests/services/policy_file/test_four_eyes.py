"""Policy files that wait for an admin, on several replicas and across crashes."""

from contextlib import suppress
from pathlib import Path

import pytest

from domain.people import Group
from domain.policies.differences import Difference
from domain.policy_file.file import WORKFLOW_ID, PolicyFile
from domain.refusals.decisions import AccountGone
from domain.refusals.people import NotAnAdmin
from domain.refusals.policy_files import PolicyFileDecided, PolicyFileReplaced
from domain.workflow import Change
from services.faults import Unavailable
from services.policy_file.contents import Contents, digest_of
from services.policy_file.naming import with_names
from services.policy_file.sightings import GONE_AFTER, SEEN_EVERY
from services.storage import documents
from services.storage.documents import ANY_ETAG, Documents
from tests.services.policy_file.watched import Watched
from tests.support.builders import BO, CY, SECOND, in_directory
from tests.support.tables.crashing_table import Crash, Killed, When

NEW = "4 a b"
DIGEST = digest_of(NEW.encode())
POINTS = 16
"""How many writes and messages there are until a changed file is accepted and announced."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of the first replica; at first ``a`` can be requested."""
    return a_file(tmp_path / "policy.toml", "4 a")


def a_file(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
async def guarded(file: Path) -> Watched:
    watched = Watched(file)
    await watched.watch.begin()
    await watched.look()
    return watched


async def test_a_file_that_widens_waits_and_its_removals_apply(guarded: Watched) -> None:
    await guarded.see("4 b")

    assert guarded.requestable() == []
    assert await guarded.events() == ["adopted", "waits"]


async def test_a_file_with_errors_gives_nothing_back_that_a_waiting_one_takes_away(
    guarded: Watched,
) -> None:
    await guarded.see("4 b")

    await guarded.see("4 !")

    assert guarded.requestable() == []
    assert await guarded.events() == ["adopted", "waits", "refused"]


async def test_each_time_that_a_file_with_errors_replaces_the_waiting_one_is_said_once(
    guarded: Watched, tmp_path: Path
) -> None:
    other = guarded.beside(a_file(tmp_path / "other.toml", "4 a"))
    await other.watch.begin()
    for text in (NEW, "4 !", NEW, "4 !"):
        await guarded.see(text)
        await other.see(text)

    assert await guarded.events() == ["adopted", "waits", "refused", "refused"]


async def test_only_while_the_newest_file_has_errors_its_content_is_unknown(
    guarded: Watched,
) -> None:
    policies = guarded.replica.world.policies
    await guarded.see("4 ! a")
    with_errors = policies.newest_has_errors
    await guarded.see("4 a")
    await guarded.see(NEW)
    waiting = policies.newest_has_errors
    await guarded.see("4 ! b")
    over_it = policies.newest_has_errors
    await guarded.answers.accept(CY, DIGEST)
    accepted = policies.newest_has_errors
    await guarded.see(NEW)

    assert (with_errors, waiting, over_it, accepted) == (True, False, True, True)
    assert not policies.newest_has_errors


async def test_after_an_acceptance_every_replica_has_the_new_rules(
    guarded: Watched, tmp_path: Path
) -> None:
    other = guarded.beside(a_file(tmp_path / "other.toml", NEW))
    await other.watch.begin()
    await guarded.see(NEW)
    await other.look()
    before = guarded.requestable(), other.requestable()

    await guarded.answers.accept(CY, DIGEST)
    at_once = guarded.requestable()
    await other.watch.check()

    assert before == (["a"], ["a"])
    assert at_once == ["a", "b"]
    assert other.requestable() == ["a", "b"]
    assert await guarded.events() == ["adopted", "waits", "accepted"]


async def test_a_replica_whose_file_is_still_the_old_one_follows_and_changes_nothing(
    guarded: Watched, tmp_path: Path
) -> None:
    lagging = guarded.beside(a_file(tmp_path / "other.toml", "4 a"))
    await lagging.watch.begin()
    await lagging.look()
    await guarded.see(NEW)
    await lagging.look()
    await guarded.answers.accept(CY, DIGEST)

    for _ in range(3):
        await lagging.look()
        await guarded.look()

    assert lagging.requestable() == guarded.requestable() == ["a", "b"]
    assert await guarded.events() == ["adopted", "waits", "accepted"]
    assert [*map(str, lagging.watch.notes())] == [
        "this replica's policy file isn't the accepted one, which is in force"
    ]


async def test_a_replica_that_starts_with_the_old_file_does_not_end_the_wait(
    guarded: Watched, tmp_path: Path
) -> None:
    await guarded.see(NEW)
    late = guarded.beside(a_file(tmp_path / "other.toml", "4 a"))
    await late.watch.begin()

    await late.look()
    await guarded.look()

    assert await guarded.events() == ["adopted", "waits"]


async def test_the_wait_of_a_file_ends_once_no_replica_has_it(
    guarded: Watched, tmp_path: Path
) -> None:
    await guarded.see(NEW)
    back = guarded.beside(a_file(tmp_path / "other.toml", "4 a"))
    await back.watch.begin()
    clock = guarded.replica.clock

    clock.advance(GONE_AFTER - SECOND)
    await back.look()
    before = await back.events()
    clock.advance(SECOND)
    await back.look()

    assert before == ["adopted", "waits"]
    assert await back.events() == ["adopted", "waits", "withdrawn", "adopted"]
    with pytest.raises(PolicyFileReplaced):
        await back.answers.accept(CY, DIGEST)


async def test_a_file_waits_as_long_as_a_replica_has_it(guarded: Watched, tmp_path: Path) -> None:
    await guarded.see(NEW)
    lagging = guarded.beside(a_file(tmp_path / "other.toml", "4 a"))
    await lagging.watch.begin()

    for _ in range(4):
        guarded.replica.clock.advance(GONE_AFTER - SEEN_EVERY)
        await guarded.watch.check()
        await lagging.look()

    assert await guarded.events() == ["adopted", "waits"]


async def test_a_file_waits_as_long_as_a_replica_has_one_with_errors_in_its_place(
    guarded: Watched, tmp_path: Path
) -> None:
    await guarded.see(NEW)
    await guarded.see("4 !")
    lagging = guarded.beside(a_file(tmp_path / "other.toml", "4 a"))
    await lagging.watch.begin()

    for _ in range(4):
        guarded.replica.clock.advance(GONE_AFTER - SEEN_EVERY)
        await guarded.watch.check()
        await lagging.look()

    assert await guarded.events() == ["adopted", "waits", "refused"]


async def test_a_replica_without_four_eyes_in_its_file_follows_the_record(
    guarded: Watched, tmp_path: Path
) -> None:
    older = guarded.beside(a_file(tmp_path / "other.toml", "a b c"))

    await older.watch.begin()
    at_once = older.requestable()
    await older.look()

    assert at_once == older.requestable() == ["a"]
    assert await guarded.events() == ["adopted", "waits"]


async def test_a_replica_that_ran_before_four_eyes_follows_the_record_soon(
    tmp_path: Path,
) -> None:
    older = Watched(a_file(tmp_path / "older.toml", "a b c"))
    await older.watch.begin()
    await older.look()
    newer = older.beside(a_file(tmp_path / "newer.toml", "4 a"))
    await newer.watch.begin()

    await newer.look()
    await older.watch.check()

    assert older.requestable() == newer.requestable() == ["a"]


async def test_it_starts_with_what_is_accepted_not_with_its_file(
    guarded: Watched, tmp_path: Path
) -> None:
    await guarded.see(NEW)
    started = guarded.beside(a_file(tmp_path / "other.toml", "4 a b c"))

    await started.watch.begin()

    assert started.requestable() == ["a"]


async def test_until_the_table_answers_nothing_can_be_requested(
    guarded: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = guarded.beside(a_file(tmp_path / "other.toml", NEW))

    async def fail(*_: object) -> None:
        raise Unavailable("Tables", "down")

    with monkeypatch.context() as outage:
        outage.setattr(started.replica.core.workflows, "load_as", fail)
        await started.watch.begin()
        during = started.requestable()
        with pytest.raises(Unavailable):
            await started.watch.settle()
    await started.watch.settle()

    assert during == []
    assert started.requestable() == ["a"]


@pytest.mark.parametrize("when", list(When))
@pytest.mark.parametrize("at", range(1, POINTS + 1))
async def test_wherever_it_is_killed_nothing_widens_without_an_acceptance(
    guarded: Watched, file: Path, at: int, when: When
) -> None:
    await _change_and_accept(Watched(file, guarded.replica.world, Crash(at, when)))

    later = guarded.beside(file)
    await later.watch.begin()
    in_force, was_accepted = later.requestable(), "accepted" in await later.events()
    await later.look()
    await later.replica.settle()
    if not was_accepted:
        await later.answers.accept(CY, DIGEST)

    assert in_force == (["a", "b"] if was_accepted else ["a"])
    assert later.requestable() == ["a", "b"]
    assert await later.events() == ["adopted", "waits", "accepted"]


async def test_those_are_all_the_points_at_which_it_can_be_killed(
    guarded: Watched, file: Path
) -> None:
    crash = Crash()

    await _change_and_accept(Watched(file, guarded.replica.world, crash))

    assert crash.points == POINTS


async def _change_and_accept(dying: Watched) -> None:
    with suppress(Killed):
        await dying.watch.begin()
        await dying.see(NEW)
        await dying.answers.accept(CY, DIGEST)
        await dying.replica.settle()


@pytest.mark.parametrize(("text", "expected"), [("4 a", []), ("a", ["a", "b"])])
async def test_a_record_of_a_newer_latchkey_allows_nothing_if_it_asks_admins(
    tmp_path: Path, text: str, expected: list[str]
) -> None:
    running = Watched(a_file(tmp_path / "policy.toml", text))
    await running.watch.begin()
    await running.look()
    await running.replica.world.garble(WORKFLOW_ID)
    started = running.beside(a_file(tmp_path / "other.toml", f"{text} b"))

    await running.watch.keep_up()
    await started.watch.begin()
    await started.watch.settle()

    withheld = ["it can't be said which policy file is accepted, so nothing can be requested"]
    assert running.requestable() == ["a"]
    assert started.requestable() == expected
    assert [*map(str, started.watch.notes())] == ([] if expected else withheld)


async def test_an_accepted_content_that_is_gone_allows_nothing_and_the_next_file_waits(
    guarded: Watched, tmp_path: Path
) -> None:
    key = f"policy-file~{digest_of(b'4 a')}"
    await Documents(guarded.replica.core.table).delete(key)
    started = guarded.beside(a_file(tmp_path / "other.toml", NEW))

    await started.watch.begin()
    at_once = started.requestable()
    await started.look()
    waiting = started.requestable()
    await started.answers.accept(CY, DIGEST)

    assert at_once == waiting == []
    assert started.requestable() == ["a", "b"]


async def test_without_the_content_that_waits_nothing_can_be_requested(
    guarded: Watched, tmp_path: Path
) -> None:
    await guarded.see(NEW)
    await Documents(guarded.replica.core.table).delete(f"policy-file~{DIGEST}")
    started = guarded.beside(a_file(tmp_path / "other.toml", "4 a"))

    await started.watch.begin()

    assert started.requestable() == []


async def test_a_content_that_was_tampered_with_is_not_used(guarded: Watched) -> None:
    table = guarded.replica.core.table
    digest = digest_of(b"4 a")

    await Documents(table).write(f"policy-file~{digest}", {"text": "4 a evil"}, ANY_ETAG)

    assert await Contents(Documents(table)).find(digest) is None


async def test_a_file_too_large_to_keep_is_refused(
    guarded: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "_MAX_CHARACTERS", 100)

    await guarded.see(f"4 a {'b ' * 100}")

    assert await guarded.events() == ["adopted", "refused"]
    assert "it is too large for policy_four_eyes" in str(guarded.watch.notes()[1])
    assert guarded.requestable() == ["a"]


async def test_without_four_eyes_a_large_file_is_only_not_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(a_file(tmp_path / "policy.toml", "a"))
    await watched.look()
    monkeypatch.setattr(documents, "_MAX_CHARACTERS", 100)

    await watched.see(f"a {'b ' * 100}")

    assert await watched.events() == ["adopted", "adopted"]
    assert len(watched.requestable()) == 101


async def test_without_the_directory_the_file_waits_all_the_same(guarded: Watched) -> None:
    guarded.replica.world.people.faults.order("find", Unavailable("Graph", "down"), times=50)

    await guarded.see(NEW)

    assert await guarded.events() == ["adopted", "waits"]


async def test_people_named_by_their_ids_are_announced_with_their_names(
    guarded: Watched,
) -> None:
    unknown = "99999999-0000-4000-8000-000000000009"
    guarded.replica.world.groups.add(Group(unknown, "Ops"))
    changed = [
        Difference(
            secrets=("a",),
            field="approvers",
            before=(CY.object_id, unknown, f"group:{unknown}"),
            after=("bo@contoso.example",),
            widens=True,
        )
    ]

    (said,) = await with_names(changed, guarded.replica.core.principals)

    assert said.before == (f"Cy Careful ({CY.object_id})", unknown, f"Ops (group:{unknown})")
    assert said.after == ("bo@contoso.example",)


async def test_a_record_of_an_older_latchkey_is_completed_without_a_message(
    guarded: Watched, tmp_path: Path
) -> None:
    stored = await guarded.replica.workflows.load_as(PolicyFile, WORKFLOW_ID)
    assert stored
    older = PolicyFile(id=WORKFLOW_ID, state=stored.head.state, digest=digest_of(b"a"))
    await guarded.replica.engine.record(stored, Change(older))
    started = guarded.beside(a_file(tmp_path / "other.toml", "a"))

    await started.look()
    await started.see("a b")

    changed = (await started.replica.events(WORKFLOW_ID))[-1]
    assert await started.events() == ["adopted", "adopted"]
    assert '"requestable"' in str(changed.facts["changes"])


async def test_an_answer_counts_once(guarded: Watched) -> None:
    await guarded.see(NEW)
    await guarded.answers.accept(CY, DIGEST)

    with pytest.raises(PolicyFileDecided):
        await guarded.answers.reject(CY, DIGEST)
    with pytest.raises(PolicyFileReplaced):
        await guarded.answers.accept(CY, digest_of(b"4 a"))


async def test_who_isnt_an_admin_now_or_has_left_accepts_nothing(guarded: Watched) -> None:
    await guarded.see(NEW)

    with pytest.raises(NotAnAdmin):
        await guarded.answers.accept(BO, DIGEST)
    guarded.replica.world.people.disable(in_directory(CY))
    with pytest.raises(AccountGone):
        await guarded.answers.accept(CY, DIGEST)

    assert guarded.requestable() == ["a"]


async def test_no_schedule_ends_while_the_accepted_content_is_gone(
    guarded: Watched, tmp_path: Path
) -> None:
    key = f"policy-file~{digest_of(b'4 a')}"
    await Documents(guarded.replica.core.table).delete(key)
    started = guarded.beside(a_file(tmp_path / "other.toml", NEW))
    await started.watch.begin()
    at_start = started.replica.core.policies.in_force.stand_in

    await started.look()

    assert at_start
    assert started.replica.core.policies.in_force.stand_in
