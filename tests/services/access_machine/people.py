"""What people do: request, decide, cancel, use break-glass access and give access back."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain.access.request import Request, RequestState
from domain.people import Actor
from services.access.reminders import last_reminder
from services.access.requests import RequestLimits
from tests.services.access_machine.actions import ASKED_FOR, LATEST_START, REQUESTERS, SECRETS
from tests.services.access_machine.stage import MOST, Asked, Stage
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    EVE,
    MINUTE,
    OTHER_SECRET,
    SECRET,
    email_of,
    in_directory,
)
from tests.support.replica import a_draft

PENDING, SCHEDULED, ACTIVE = RequestState.PENDING, RequestState.SCHEDULED, RequestState.ACTIVE

choices = st.integers(min_value=0, max_value=MOST)
requesters = st.sampled_from([*REQUESTERS, DANA])
clickers = st.sampled_from([ADA, BO, CY, BO, CY, DANA])
a_while = st.integers(min_value=1, max_value=120).map(lambda minutes: minutes * MINUTE)
some_clickers = st.sets(clickers, min_size=1)
nobody = st.just(set[Actor]())
enders = st.sampled_from([DANA, EVE, ADA, CY])
aheads = st.sampled_from([1 * MINUTE, 10 * MINUTE, 60 * MINUTE, LATEST_START])
windows = st.integers(min_value=5, max_value=240).map(lambda minutes: minutes * MINUTE)


class People(Stage):
    """Everyone who clicks and types."""

    @precondition(lambda self: len(self.asked) < MOST)
    @rule(who=requesters, secrets=st.sampled_from(ASKED_FOR), window=windows)
    def ask(self, who: Actor, secrets: tuple[str, ...], window: timedelta) -> None:
        self._ask(Asked(who, secrets, window, for_whom="", broke_glass=False))

    @precondition(lambda self: len(self.asked) < MOST)
    @rule(who=requesters, secrets=st.sampled_from(ASKED_FOR), window=windows, ahead=aheads)
    def ask_for_later(
        self, who: Actor, secrets: tuple[str, ...], window: timedelta, ahead: timedelta
    ) -> None:
        starts_at = self.world.clock() + ahead
        self._ask(Asked(who, secrets, window, "", broke_glass=False, starts_at=starts_at))

    @precondition(lambda self: len(self.asked) < MOST)
    @rule(who=requesters, secrets=st.sampled_from(ASKED_FOR), window=windows, ahead=aheads)
    def be_promised(
        self, who: Actor, secrets: tuple[str, ...], window: timedelta, ahead: timedelta
    ) -> None:
        """Request access with a later start, and let all approvers click at once."""
        starts_at = self.world.clock() + ahead
        request_id = self._ask(
            Asked(who, secrets, window, "", broke_glass=False, starts_at=starts_at)
        )
        self._answer(request_id, yes={ADA, BO, CY}, no=set())
        self.do(self.replica.tick())

    @precondition(lambda self: len(self.asked) < MOST)
    @rule(who=st.sampled_from([EVE, EVE, DANA]), whom=st.sampled_from([DANA, ADA]), window=windows)
    def ask_for_a_colleague(self, who: Actor, whom: Actor, window: timedelta) -> None:
        self._ask(Asked(who, (OTHER_SECRET,), window, for_whom=email_of(whom), broke_glass=False))

    @precondition(lambda self: len(self.asked) < MOST)
    @rule(
        who=st.sampled_from([DANA, DANA, EVE]),
        window=st.sampled_from([None, 10 * MINUTE, 60 * MINUTE]),
    )
    def break_glass(self, who: Actor, window: timedelta | None) -> None:
        self._ask(Asked(who, (SECRET,), window, for_whom="", broke_glass=True))

    @precondition(lambda self: self.asked)
    @rule(which=choices)
    def ask_again(self, which: int) -> None:
        """Deliver a message twice."""
        request_id = self.choose(which)
        self._submit(request_id, self.asked[request_id])

    @precondition(lambda self: len(self.asked) < MOST)
    @rule(who=requesters, secrets=st.sampled_from(ASKED_FOR), window=windows)
    def be_given(self, who: Actor, secrets: tuple[str, ...], window: timedelta) -> None:
        """Request access, and let all approvers click at once."""
        request_id = self._ask(Asked(who, secrets, window, for_whom="", broke_glass=False))
        self._answer(request_id, yes={ADA, BO, CY}, no=set())
        self.do(self.replica.tick())

    @precondition(lambda self: len(self.asked) < MOST - 1)
    @rule(who=requesters, one=windows, other=windows)
    def be_given_both(self, who: Actor, one: timedelta, other: timedelta) -> None:
        """Let two requests of one person share the vault's assignment."""
        self.be_given(who, (SECRET,), one)
        self.be_given(who, (OTHER_SECRET,), other)

    @precondition(lambda self: self.asked)
    @rule(yes=some_clickers, no=st.one_of(nobody, nobody, some_clickers), which=choices)
    def answer(self, yes: set[Actor], no: set[Actor], which: int) -> None:
        """Let some people click at once."""
        self._answer(self.choose(which, PENDING), yes, no)

    @precondition(lambda self: self.asked)
    @rule(who=clickers, which=choices, window=windows, narrowed=st.booleans())
    def allow_less(self, who: Actor, which: int, window: timedelta, narrowed: bool) -> None:
        """Let an approver shorten the window, narrow the scope, or try to allow more."""
        self._allow_less(self.choose(which, PENDING), who, window, narrowed)

    @precondition(lambda self: self.asked)
    @rule(who=some_clickers, which=choices, left_out=st.sampled_from(SECRETS))
    def allow_a_part(self, who: set[Actor], which: int, left_out: str) -> None:
        """Let some people leave a secret out at once; one click is delivered twice."""
        request_id = self.choose(which, PENDING)
        clicks = [*_in_order(who), *_in_order(who)[:1]]
        self.do_at_once(self._allow_part(request_id, each, left_out) for each in clicks)

    @precondition(lambda self: len(self.asked) < MOST)
    @rule(who=requesters, window=windows, left_out=st.sampled_from(SECRETS))
    def be_given_a_part(self, who: Actor, window: timedelta, left_out: str) -> None:
        asked = Asked(who, SECRETS, window, for_whom="", broke_glass=False)
        request_id = self._ask(asked)
        self.do(self._allow_part(request_id, BO, left_out))
        self._answer(request_id, yes={ADA, CY}, no=set())
        self.do(self.replica.tick())

    @precondition(lambda self: len(self.asked) < MOST)
    @rule(who=requesters, window=windows, less=windows, narrowed=st.booleans())
    def be_given_less(self, who: Actor, window: timedelta, less: timedelta, narrowed: bool) -> None:
        request_id = self._ask(Asked(who, (SECRET,), window, for_whom="", broke_glass=False))
        self._allow_less(request_id, BO, min(window, less), narrowed)
        self.do(self.replica.tick())

    @precondition(lambda self: self.asked)
    @rule(who=requesters, which=choices)
    def remind(self, who: Actor, which: int) -> None:
        """Let someone remind the approvers; the click is delivered twice."""
        request_id = self.choose(which, PENDING)
        self.do_at_once([self._remind(request_id, who), self._remind(request_id, who)])

    @precondition(lambda self: self.asked)
    @rule(who=requesters, which=choices)
    def cancel(self, who: Actor, which: int) -> None:
        self.do(self.replica.endings.cancel(who, self.choose(which, PENDING, SCHEDULED)))

    @precondition(lambda self: self.asked)
    @rule(others=st.sets(requesters), which=choices, by=a_while)
    def ask_for_more_time(self, others: set[Actor], which: int, by: timedelta) -> None:
        """Let the requester and others, permitted or not, ask for an extension at once."""
        request_id = self.choose(which, ACTIVE)
        who = _in_order({self.asked[request_id].who, *others})
        self.do_at_once(self.replica.extensions.ask(each, request_id, by) for each in who)

    @precondition(lambda self: self.asked)
    @rule(which=choices, by=a_while, yes=some_clickers)
    def be_given_more_time(self, which: int, by: timedelta, yes: set[Actor]) -> None:
        self.ask_for_more_time(set(), which, by)
        self.answer_who_asked_for_more_time(yes, set(), which)

    @precondition(lambda self: self.asked)
    @rule(yes=some_clickers, no=st.one_of(nobody, some_clickers), which=choices)
    def answer_who_asked_for_more_time(self, yes: set[Actor], no: set[Actor], which: int) -> None:
        """Let some people click at once; each approval is delivered twice."""
        request_id, extensions = self.choose(which, ACTIVE), self.replica.extensions
        self.do_at_once(
            [
                *(extensions.refuse(each, request_id) for each in _in_order(no)),
                *(extensions.allow(each, request_id) for each in _in_order(yes) * 2),
            ]
        )

    @precondition(lambda self: self.asked)
    @rule(who=st.sets(enders, min_size=1), which=choices)
    def end_early(self, who: set[Actor], which: int) -> None:
        """Let some people, permitted or not, end the same access at once."""
        request_id = self.choose(which, ACTIVE, RequestState.GRANTING, SCHEDULED)
        self.do_at_once(self.replica.endings.end(each, request_id) for each in _in_order(who))

    @precondition(lambda self: any(asked.broke_glass for asked in self.asked.values()))
    @rule(who=clickers, which=choices)
    def review(self, who: Actor, which: int) -> None:
        self.do(self.replica.reviews.review(who, self.choose(which), "looked into it"))

    def _ask(self, asked: Asked) -> str:
        request_id = f"req-{len(self.asked)}"
        self.asked[request_id] = asked
        self._submit(request_id, asked)
        return request_id

    def _allow_less(self, request_id: str, who: Actor, window: timedelta, narrowed: bool) -> None:
        limits = RequestLimits(window, given=True, narrowed=narrowed)
        self.do(self.replica.access.approve(who, request_id, limits))

    async def _allow_part(self, request_id: str, who: Actor, left_out: str) -> None:
        secrets = self.asked[request_id].secrets
        chosen = {secret: secret != left_out for secret in secrets}
        limits = RequestLimits(None, given=False, narrowed=False, chosen=chosen)
        await self.replica.access.approve(who, request_id, limits)

    async def _remind(self, request_id: str, who: Actor) -> None:
        stored = await self.replica.workflows.load_as(Request, request_id)
        seen = last_reminder(stored.head) if stored else ""
        await self.replica.reminders.remind(who, request_id, seen)

    def _answer(self, request_id: str, yes: set[Actor], no: set[Actor]) -> None:
        self.do_at_once(
            [
                *(self.replica.deny(each, request_id) for each in _in_order(no)),
                *(self.replica.approve(each, request_id) for each in _in_order(yes)),
            ]
        )

    def _submit(self, request_id: str, asked: Asked) -> None:
        draft = a_draft(
            request_id,
            secrets=asked.secrets,
            window=asked.window,
            for_whom=asked.for_whom,
            starts_at=asked.starts_at,
        )
        access = self.replica.access
        if asked.broke_glass:
            self.do(access.break_glass(asked.who, draft, [in_directory(CY)]))
        else:
            self.do(access.submit(asked.who, draft))


def _in_order(who: set[Actor]) -> list[Actor]:
    """Sort people: the order of a set differs between processes."""
    return sorted(who, key=lambda one: one.object_id)
