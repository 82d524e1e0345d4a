"""What goes wrong: Azure, Teams, crashing processes, and other people with Azure permissions."""

from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain.access.assignment import Assignment
from domain.people import Actor
from services.faults import Fault, NotPermitted, Unavailable
from tests.services.access_machine.actions import OWN_SECRET
from tests.services.access_machine.stage import Stage
from tests.support.builders import ADA, BO, DANA, EVE, MINUTE, ROLE, VAULT
from tests.support.replica import Replica
from tests.support.tables.crashing_table import Crash, When

OPERATIONS = ("create", "read", "delete", "list")
FAULTS = (
    Unavailable("Azure", "503"),
    Unavailable("Azure", "429", retry_after=timedelta(seconds=40)),
    NotPermitted("Azure", "403"),
)
_VERY_OFTEN = 1_000_000

SCOPES = (VAULT.resource_id, VAULT.secret_scope(OWN_SECRET))
LOST = "Latchkey req-lost234567: access to demo-api-key, expires 2026-03-02T11:00:00Z"

holders = st.sampled_from([DANA, EVE])
scopes = st.sampled_from(SCOPES)


class Trouble(Stage):
    """Everything that can go wrong."""

    @rule(
        operation=st.sampled_from(OPERATIONS),
        fault=st.sampled_from(FAULTS),
        when=st.sampled_from(When),
        times=st.integers(min_value=1, max_value=4),
    )
    def break_azure(self, operation: str, fault: Fault, when: When, times: int) -> None:
        if isinstance(fault, NotPermitted):
            when = When.BEFORE  # a forbidden operation was not carried out
        self.world.assignments.faults.order(operation, fault, when=when, times=times)

    @rule(fault=st.sampled_from(FAULTS), minutes=st.sampled_from([5, 30, 120]))
    def let_azure_be_down_for_a_while(self, fault: Fault, minutes: int) -> None:
        for operation in OPERATIONS:
            self.world.assignments.faults.order(operation, fault, times=_VERY_OFTEN)
        self.do(self.let_time_pass(minutes * MINUTE))
        self.world.assignments.faults.clear()
        self.sound_since = None

    @rule(
        operation=st.sampled_from(["create", "delete"]),
        seconds=st.sampled_from([5, 20, 70]),
        times=st.integers(min_value=1, max_value=2),
    )
    def let_azure_do_something_late(self, operation: str, seconds: int, times: int) -> None:
        """Let Azure answer with an error, but carry out the request later."""
        self.world.assignments.carry_out_late(operation, timedelta(seconds=seconds), times)

    @rule(seconds=st.sampled_from([None, 5, 20, 70]))
    def let_what_the_dying_send_arrive(self, seconds: int | None) -> None:
        """Let Azure carry out later what a crashed process was sending."""
        self.world.lands_after = None if seconds is None else timedelta(seconds=seconds)

    @rule(seconds=st.sampled_from([0, 3, 30]))
    def let_azure_show_late(self, seconds: int) -> None:
        self.world.assignments.lag = timedelta(seconds=seconds)

    @rule(times=st.integers(min_value=1, max_value=3))
    def let_azure_lose_deletions(self, times: int) -> None:
        """Let Azure falsely report some deletions as done, few enough to be retried in time."""
        self.world.assignments.deletions_to_lose = times

    @rule(
        operation=st.sampled_from(["post", "update"]),
        when=st.sampled_from(When),
        times=st.sampled_from([1, 3, _VERY_OFTEN]),
    )
    def break_teams(self, operation: str, when: When, times: int) -> None:
        fault = Unavailable("Teams", "502")
        self.world.message_sender.faults.order(operation, fault, when=when, times=times)

    @rule(minutes=st.sampled_from([5, 30, 120]))
    def let_the_directory_and_the_vault_be_down_for_a_while(self, minutes: int) -> None:
        down = Unavailable("Azure", "503")
        self.world.people.faults.order("find", down, times=_VERY_OFTEN)
        self.world.secrets.faults.order("state", down, times=_VERY_OFTEN)
        for operation in ("find", "memberships", "members"):
            self.world.groups.faults.order(operation, down, times=_VERY_OFTEN)
        self.do(self.let_time_pass(minutes * MINUTE))
        self.world.people.faults.clear()
        self.world.secrets.faults.clear()
        self.world.groups.faults.clear()

    @rule(whom=st.sampled_from([ADA.object_id, BO.object_id, DANA.object_id, "audit"]))
    def let_somebody_be_out_of_reach(self, whom: str) -> None:
        self.world.message_sender.unreachable.add(whom)

    @rule()
    def mend(self) -> None:
        """Let Azure and Teams work again."""
        self.world.assignments.faults.clear()
        self.world.assignments.answer_in_time()
        self.world.lands_after = None
        self.world.assignments.lag = timedelta()
        self.world.message_sender.faults.clear()
        self.world.message_sender.unreachable.clear()

    @rule(at=st.integers(min_value=1, max_value=12), when=st.sampled_from(When))
    def doom(self, at: int, when: When) -> None:
        """Hand over to a process that crashes at one of its next writes or effects."""
        self.replica = Replica(self.world, Crash(at, when))
        self.is_doomed = True

    @rule()
    def restart(self) -> None:
        """Hand over to a new process, which reconciles at its start."""
        self.live_on()
        self.do(self.replica.reconcile.begin())

    @precondition(lambda self: self.world.assignments.names())
    @rule(which=st.integers(min_value=0, max_value=5))
    def a_stranger_takes_access_away(self, which: int) -> None:
        """Let someone else with Azure permissions remove any assignment."""
        existing = sorted(self.world.assignments.by_name().items())
        name, facts = existing[which % len(existing)]
        self.world.assignments.forget(facts.assignment.scope, name)
        self.taken.add(name)
        self.by_others.pop(name, None)
        self.left_over.pop(name, None)

    @rule(who=holders, scope=scopes, description=st.sampled_from(["", LOST]))
    def a_stranger_gives_access(self, who: Actor, scope: str, description: str) -> None:
        """Let someone else assign the same role under another ID, if Azure has none yet."""
        assignment = Assignment(scope, who.object_id, ROLE)
        if self._is_assigned(assignment):
            return
        name = str(uuid5(NAMESPACE_URL, assignment.id))
        self.world.assignments.plant(assignment, name, description)
        self.by_others[name] = self.world.assignments.by_name()[name]

    @rule(who=holders, scope=scopes)
    def access_is_left_of_lost_tables(self, who: Actor, scope: str) -> None:
        """Create an assignment of ours, with our description, that no row knows."""
        assignment = Assignment(scope, who.object_id, ROLE)
        if self._is_assigned(assignment):
            return
        self.world.assignments.plant(assignment, assignment.id, LOST)
        self.left_over[assignment.id] = self.world.assignments.by_name()[assignment.id]

    def _is_assigned(self, assignment: Assignment) -> bool:
        """Return whether the role is already assigned: Azure keeps only one such assignment."""
        existing = self.world.assignments.by_name().values()
        return assignment.id in {facts.assignment.id for facts in existing}
