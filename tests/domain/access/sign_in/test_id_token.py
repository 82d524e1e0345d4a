"""Which ID tokens are meant for us, and what they say."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.access.fresh_sign_in import FreshSignIn
from domain.access.rules.policy import ALLOWED
from domain.access.sign_in.id_token import ExpectedToken, decide_id_token, sign_in_of
from domain.access.sign_in.step_up import SKEW
from domain.refusals.refusal import Refusal
from domain.refusals.sign_ins import (
    SignedInAsSomeoneElse,
    SignInByAnotherIssuer,
    SignInForAnotherApp,
    SignInOfAnotherTenant,
    SignInTokenExpired,
    SignInUndated,
)
from tests.support.builders import ADA, BO, TENANT
from tests.support.clock import NINE

CLIENT = "0b9f3ab1-6f5e-4a59-9a4b-1f0c3a4d5e6f"
ISSUER = f"https://login.microsoftonline.com/{TENANT}/v2.0"
EXPECTED = ExpectedToken(issuer=ISSUER, tenant_id=TENANT, client_id=CLIENT, person_id=ADA.object_id)
AT = int(NINE.timestamp())


def claims(**changed: Any) -> dict[str, object]:
    """Return good claims, except for these; None removes one."""
    good = {
        "iss": ISSUER,
        "tid": TENANT,
        "aud": CLIENT,
        "oid": ADA.object_id,
        "exp": AT + 3600,
        "auth_time": AT,
        **changed,
    }
    return {name: value for name, value in good.items() if value is not None}


@pytest.mark.parametrize(
    "good",
    [
        claims(),
        claims(tid=TENANT.upper(), aud=CLIENT.upper(), oid=ADA.object_id.upper()),
        claims(exp=AT - SKEW.total_seconds() + 1),
    ],
)
def test_a_token_of_our_tenant_for_our_app_about_this_person_is_good(
    good: dict[str, object],
) -> None:
    assert decide_id_token(good, EXPECTED, NINE) == ALLOWED


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (claims(iss=None), SignInByAnotherIssuer),
        (claims(iss=ISSUER.upper()), SignInByAnotherIssuer),
        (claims(tid=None), SignInOfAnotherTenant),
        (claims(tid=CLIENT), SignInOfAnotherTenant),
        (claims(aud=None), SignInForAnotherApp),
        (claims(aud=TENANT), SignInForAnotherApp),
        (claims(aud=[CLIENT]), SignInForAnotherApp),
        (claims(exp=None), SignInTokenExpired),
        (claims(exp=AT - SKEW.total_seconds()), SignInTokenExpired),
        (claims(exp=True), SignInTokenExpired),
        (claims(exp=1e300), SignInTokenExpired),
        (claims(oid=None), SignedInAsSomeoneElse),
        (claims(oid=BO.object_id), SignedInAsSomeoneElse),
        (claims(oid=""), SignedInAsSomeoneElse),
        (claims(auth_time=None), SignInUndated),
        (claims(auth_time="1772442000"), SignInUndated),
        (claims(auth_time=float("nan")), SignInUndated),
        ({}, SignInByAnotherIssuer),
    ],
)
def test_any_other_token_is_refused_with_its_own_reason(
    bad: dict[str, object], expected: type[Refusal]
) -> None:
    assert type(decide_id_token(bad, EXPECTED, NINE).reason) is expected


def test_nobody_is_expected_without_an_id() -> None:
    nobody = ExpectedToken(issuer=ISSUER, tenant_id=TENANT, client_id=CLIENT, person_id="")

    assert not decide_id_token(claims(oid=""), nobody, NINE).allowed


def test_the_sign_in_is_read_from_the_claims() -> None:
    read = sign_in_of(claims(acrs=["c1", "c2"], amr=["pwd", "mfa"], oid="ABC-1"))

    assert read == FreshSignIn(
        "abc-1", datetime.fromtimestamp(AT, UTC), ("c1", "c2"), ("pwd", "mfa")
    )
    assert sign_in_of(claims(acrs="c1", amr={"x": 1})) == FreshSignIn(ADA.object_id, NINE, ("c1",))
    with pytest.raises(ValueError, match=r"^auth_time is missing$"):
        sign_in_of(claims(auth_time=None))
