"""What becomes of each change of the policy file, and what is recorded of it."""

from dataclasses import replace

import pytest

from domain.policies.differences import Difference
from domain.policies.record import recorded
from domain.policy_file.answers import require_waiting
from domain.policy_file.changes import (
    MOST_ERRORS_LISTED,
    accept,
    adopt,
    change_back,
    refuse,
    reject,
    wait,
)
from domain.policy_file.file import PolicyFile, PolicyFileState
from domain.refusals.policy_files import PolicyFileDecided, PolicyFileReplaced
from domain.refusals.refusal import Refusal
from domain.workflow import Event, Fact
from tests.support.builders import ADA, BO, CY, MINUTE, in_directory
from tests.support.clock import NINE

WIDER = Difference(secrets=("a",), field="longest", before=1, after=2, widens=True)
CHANGES: dict[str, Fact] = {"changes": recorded([WIDER]), "count": 1}
IN_FORCE = PolicyFile(
    id="policy-file", state=PolicyFileState.ADOPTED, digest="one", in_force="one", four_eyes=True
)
WAITING = PolicyFile(
    id="policy-file",
    state=PolicyFileState.WAITING,
    digest="two",
    in_force="one",
    four_eyes=True,
    next_four_eyes=True,
)
WITHDRAWN = Event("policy_withdrawn", NINE, None, {"digest": "two"})


def test_the_first_file_is_in_force_at_once() -> None:
    change = adopt(None, "one", NINE)

    assert change.head == PolicyFile(
        id="policy-file", state=PolicyFileState.ADOPTED, digest="one", in_force="one"
    )
    assert change.events == (Event("policy_adopted", NINE, None, {"digest": "one"}),)


def test_a_file_that_replaces_another_records_how_they_differ() -> None:
    change = adopt(IN_FORCE, "two", NINE, [WIDER], four_eyes=True)

    assert (change.head.in_force, change.head.four_eyes) == ("two", True)
    assert change.events == (Event("policy_adopted", NINE, None, {"digest": "two", **CHANGES}),)


def test_a_file_with_errors_leaves_the_rules_before_it_in_force() -> None:
    first = refuse(None, "one", ["no"], NINE)
    later = refuse(IN_FORCE, "two", ["no", "neither"], NINE)

    assert first.head == PolicyFile(id="policy-file", state=PolicyFileState.REFUSED, digest="one")
    assert later.head == PolicyFile(
        id="policy-file",
        state=PolicyFileState.REFUSED,
        digest="two",
        in_force="one",
        four_eyes=True,
    )
    facts: dict[str, Fact] = {"digest": "two", "faults": "no\nneither", "count": 2}
    assert later.events == (Event("policy_refused", NINE, None, facts),)


def test_only_the_first_errors_are_listed_and_all_are_counted() -> None:
    faults = [f"fault {number}" for number in range(MOST_ERRORS_LISTED + 2)]

    [event] = refuse(None, "one", faults, NINE).events

    assert event.facts["faults"] == "\n".join(faults[:MOST_ERRORS_LISTED])
    assert event.facts["count"] == MOST_ERRORS_LISTED + 2


def test_a_file_that_widens_waits_for_the_admins_who_are_asked() -> None:
    asked = [in_directory(BO), in_directory(CY)]

    change = wait(IN_FORCE, "two", NINE, [WIDER], asked, four_eyes=True)

    assert change.head == WAITING
    ids: dict[str, Fact] = {"asked_ids": f"{BO.object_id} {CY.object_id}"}
    assert change.events == (
        Event("policy_waits", NINE, None, {"digest": "two", **CHANGES, **ids}),
    )


def test_a_file_that_replaces_one_that_waits_withdraws_it() -> None:
    changes = [
        adopt(WAITING, "three", NINE),
        wait(WAITING, "three", NINE, [], [], four_eyes=True),
    ]

    assert [each.events[0] for each in changes] == [WITHDRAWN] * 2
    assert [len(each.events) for each in changes] == [2] * 2


def test_a_file_with_errors_leaves_the_one_that_waits_waiting() -> None:
    change = refuse(WAITING, "three", ["no"], NINE)

    assert change.head == replace(WAITING, refused="three")
    facts: dict[str, Fact] = {"digest": "three", "faults": "no", "count": 1, "waits": "two"}
    assert change.events == (Event("policy_refused", NINE, None, facts),)


def test_the_file_that_waits_is_the_newest_again_once_the_one_with_errors_is_gone() -> None:
    with_errors = refuse(WAITING, "three", ["no"], NINE).head

    change = change_back(with_errors)

    assert with_errors.with_errors == "three"
    assert change.head == WAITING
    assert change.events == ()


def test_an_accepted_file_is_in_force() -> None:
    change = accept(WAITING, ADA, NINE + MINUTE)

    assert change.head == PolicyFile(
        id="policy-file",
        state=PolicyFileState.ADOPTED,
        digest="two",
        in_force="two",
        four_eyes=True,
        decided_by=ADA,
    )
    assert change.events == (Event("policy_accepted", NINE + MINUTE, ADA, {"digest": "two"}),)


def test_a_rejected_file_never_is() -> None:
    change = reject(WAITING, ADA, NINE + MINUTE)

    assert change.head == PolicyFile(
        id="policy-file",
        state=PolicyFileState.REJECTED,
        digest="two",
        in_force="one",
        four_eyes=True,
        decided_by=ADA,
    )
    assert change.events == (Event("policy_rejected", NINE + MINUTE, ADA, {"digest": "two"}),)


@pytest.mark.parametrize(
    ("file", "digest", "refusal"),
    [
        (WAITING, "two", None),
        (WAITING, "one", PolicyFileReplaced()),
        (IN_FORCE, "one", PolicyFileReplaced()),
        (refuse(IN_FORCE, "two", [], NINE).head, "two", PolicyFileReplaced()),
        (refuse(WAITING, "three", [], NINE).head, "two", None),
        (accept(WAITING, ADA, NINE).head, "two", PolicyFileDecided("accepted", ADA.name)),
        (reject(WAITING, ADA, NINE).head, "two", PolicyFileDecided("rejected", ADA.name)),
    ],
)
def test_an_admin_answers_about_the_file_they_saw_while_it_waits(
    file: PolicyFile, digest: str, refusal: Refusal | None
) -> None:
    try:
        require_waiting(file, digest)
        said = None
    except Refusal as error:
        said = error.reason

    assert said == (refusal.reason if refusal else None)
