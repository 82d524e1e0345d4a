"""What is recorded of a sign-in that confirmed nothing."""

from domain.access.request import RequestState
from domain.access.sign_in.refused_sign_ins import refuse_sign_in, refuse_unconfirmed
from domain.reasons import facts_of_reason
from domain.refusals.sign_ins import SignedInAsSomeoneElse
from domain.workflow import Change, Event
from tests.support.builders import ADA, DANA, MINUTE, a_request
from tests.support.clock import NINE

REFUSAL = SignedInAsSomeoneElse()
AT = NINE + MINUTE


def test_a_refused_sign_in_changes_nothing_but_the_record() -> None:
    change = refuse_sign_in(a_request(), ADA, "approve", REFUSAL, AT)

    facts = {"act": "approve", **facts_of_reason(REFUSAL.reason)}
    assert change == Change(a_request(), (Event("sign_in_refused", AT, ADA, facts),))


def test_a_request_that_its_requester_did_not_confirm_is_never_made() -> None:
    change = refuse_unconfirmed(a_request(), "request", REFUSAL, AT)

    facts = {"act": "request", **facts_of_reason(REFUSAL.reason)}
    assert change.head == a_request(state=RequestState.FAILED, failure=REFUSAL.reason)
    assert change.events == (Event("sign_in_refused", AT, DANA, facts),)
