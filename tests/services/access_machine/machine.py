"""The state machine: people, trouble and time, with all invariants checked after each step."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from domain.access.request import RequestState
from domain.reconciliation.reconciliation import SETTLED_AFTER
from tests.services.access_machine import invariants
from tests.services.access_machine.actions import LATEST_START, LONGEST_WINDOW
from tests.services.access_machine.invariants import RETRY_BOUND
from tests.services.access_machine.people import People
from tests.services.access_machine.trouble import Trouble
from tests.support.replica import Replica


class Machine(People, Trouble):
    """One world where people, trouble and time act in any order."""

    def teardown(self) -> None:
        try:
            self.all_comes_right_when_azure_teams_and_time_allow()
            self._end_every_window()
        finally:
            super().teardown()

    @rule()
    def tick(self) -> None:
        self.do(self.replica.tick())

    @rule()
    def let_two_replicas_work_at_once(self) -> None:
        self.do_at_once((self.replica.tick(), Replica(self.world).tick()))

    @rule(minutes=st.sampled_from([0.1, 1, 10, 60]))
    def let_time_pass_without_a_tick(self, minutes: float) -> None:
        self.world.clock.advance(minutes=minutes)
        self.sound_since = None

    @rule(minutes=st.sampled_from([1, 10, 60, 60, 240]))
    def let_time_pass_with_its_ticks(self, minutes: float) -> None:
        self.do(self.let_time_pass(timedelta(minutes=minutes)))

    @rule()
    def reconcile(self) -> None:
        self.do(self.replica.reconcile.begin())

    @rule()
    def all_comes_right_when_azure_teams_and_time_allow(self) -> None:
        """Fix everything: ended access is gone, active access exists, every event is announced."""
        self.mend()
        self.live_on()
        self.run(self.let_time_pass(SETTLED_AFTER))
        self.run(self.replica.reconcile.begin())
        self.run(self.let_time_pass(RETRY_BOUND))
        seen = self.look()

        held = [life.request for life in seen.lives if life.is_open]
        for request in held:
            assert request.state is RequestState.ACTIVE
            assert request.granted.expires_at is not None
            assert seen.now < request.granted.expires_at
        expected = {one.id for request in held for one in request.assignments}
        assert expected == set(seen.ours) == seen.leases
        for life in seen.lives:
            told = {
                part.revision
                for sent in self.world.message_sender.posts
                if sent.head.id == life.request.id and sent.key.startswith("audit-")
                for part in sent.announcement.parts
            }
            # The warning before the end is told together with what comes next.
            events = list(enumerate(life.events, start=1))
            lasting = [number for number, event in events if event.kind != "expires_soon"]
            assert told == set(range(1, max(lasting) + 1))
        assert not seen.in_outbox

    @invariant()
    def all_is_as_it_should_be(self) -> None:
        seen = self.look()
        self._judge_soundness()
        self.taken -= set(seen.ours)
        self.left_over = {
            name: facts for name, facts in self.left_over.items() if seen.ours.get(name) == facts
        }

        invariants.no_access_exists_that_no_row_knows(seen, self.left_over)
        invariants.no_access_outlives_its_time(seen, self.sound_since)
        invariants.no_access_is_cut_short(seen, self.taken)
        invariants.what_others_assigned_is_untouched(seen, self.by_others)
        invariants.whatever_is_open_will_fall_due(seen)
        invariants.nothing_is_decided_twice(seen)
        invariants.nothing_is_granted_without_the_approvals_that_its_policy_asks_for(
            seen, self.asked
        )
        invariants.nothing_is_prolonged_without_the_approvals_that_its_policy_asks_for(seen)
        invariants.nobody_reminds_the_approvers_too_often(seen)
        invariants.nothing_starts_early(seen, self.asked)
        invariants.no_window_is_longer_than_was_allowed(seen, self.asked)
        invariants.what_was_left_out_is_not_granted(seen, self.asked)
        invariants.every_chain_is_whole_and_only_grows(seen, self.before)
        invariants.whatever_is_open_is_on_the_lists_of_whom_it_concerns(seen)
        self.states = {life.request.id: life.request.state for life in seen.lives}
        self.before = {life.request.id: tuple(life.hashes) for life in seen.lives}

    def _end_every_window(self) -> None:
        self.world.clock.advance(LATEST_START + LONGEST_WINDOW)
        self.run(self.let_time_pass(RETRY_BOUND))
        seen = self.look()

        assert not seen.ours
        assert not seen.leases

    def _judge_soundness(self) -> None:
        azure = self.world.assignments
        if self.is_doomed or azure.lag or not azure.faults.is_empty:
            self.sound_since = None
        elif self.sound_since is None:
            self.sound_since = self.world.clock()
