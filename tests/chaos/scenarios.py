"""Scenarios of access and of rotation, from the question to the end, as people see them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sandbox.seed import (
    APP_API_KEY,
    LITERAL_SETTING,
    PARTNER_APPLICATION,
    PARTNER_CLIENT_SECRET,
    SITE,
    SLOT,
    STORAGE_ACCOUNT,
    STORAGE_KEY,
    VAULT,
)
from sandbox.stored.applications import key_id
from tests.chaos.facts import (
    Rotatable,
    ends_at,
    gone_at,
    has_access,
    is_a_client_secret,
    is_a_key,
    truth_about_access,
    truth_about_rotation,
)
from tests.chaos.play import Play
from tests.outside.rotation_scenarios import CARD, set_by_hand, versions
from tests.outside.scenarios import correlation_id
from tests.support.deployment import AVERY, DANA, a_tenant
from tests.support.people import Seen
from tests.support.teams import Person

OWN = "Your access request"
_PLAN = "Rotation plan"
_A_WHILE = timedelta(seconds=50)
"""How long people take for the next thing that they do: longer than a claim lasts."""
_PATIENCE = timedelta(minutes=4)
_AFTERWARDS = timedelta(minutes=8)
"""How long to look on after the end: until the last look at what may have come late."""

FLOATING = "FLOATING"
"""An app setting that refers to the current version of the rotated secret."""

THREE_DEPENDENTS = f"""
[[secret]]
name = "{APP_API_KEY}"
rotation.overlap = "3m"
rotation.dependents = [
  {{ app = "{SITE}", setting = "{LITERAL_SETTING}" }},
  {{ app = "{SITE}", slot = "{SLOT}", setting = "{LITERAL_SETTING}" }},
  {{ app = "{SITE}", setting = "{FLOATING}" }},
]
"""

ISSUED = "ISSUED"
"""An app setting that holds a value that was issued by something else in Azure."""

_ISSUED_RULES = f"""
[[secret]]
name = "%s"
rotation.overlap = "3m"
rotation.issuer = "%s"
rotation.options = {{ %s }}
rotation.dependents = [ {{ app = "{SITE}", setting = "{ISSUED}" }} ]
"""
_ACCOUNT = a_tenant().storage_scope(STORAGE_ACCOUNT)
A_STORAGE_KEY = _ISSUED_RULES % (STORAGE_KEY, "storage-account", f'account = "{_ACCOUNT}"')
A_CLIENT_SECRET = _ISSUED_RULES % (
    PARTNER_CLIENT_SECRET,
    "app-registration",
    f'application = "{PARTNER_APPLICATION.id}", adopt = "{key_id(PARTNER_APPLICATION.id, 1)}"',
)


@dataclass(frozen=True)
class Scenario:
    """What people do, and the policy file for it, if there is one."""

    run: Callable[[Play], Awaitable[None]]
    rules: str = ""


async def plain(play: Play) -> None:
    """Ask, be approved, and let access end."""
    await _given(play, "demo-api-key")
    await _over(play)


async def extended(play: Play) -> None:
    """Ask, be approved, ask for more time, be allowed it, and let access end."""
    await _given(play, "demo-api-key")
    await play.rest(_A_WHILE)
    first_end = ends_at(DANA, play.table)
    granted = _own(play, "Access granted")
    assert granted
    request = correlation_id(granted)
    await play.do(
        "an approver is asked for more time",
        lambda: play.type(DANA, f"extend {request} 5m"),
        lambda: _asked_for_more(play),
    )
    await play.rest(_A_WHILE)
    await play.do(
        "access is extended",
        lambda: play.press(
            AVERY, play.last(AVERY, "Access request", "Extension requested"), "Allow"
        ),
        lambda: ends_at(DANA, play.table) > first_end,
    )
    await _over(play)


async def ended_early(play: Play) -> None:
    """Ask, be approved, and end access oneself."""
    await _given(play, "demo-api-key")
    await play.rest(_A_WHILE)
    await play.do(
        "access is given back",
        lambda: play.press(DANA, _own(play, "Access granted"), "I'm done"),
        lambda: not has_access(DANA, play.stage.sandbox),
    )
    await _told_of_the_end(play)


async def of_two_secrets(play: Play) -> None:
    """Ask for two secrets at once, be approved, and let access end."""
    await _given(play, "demo-api-key and app-api-key")
    await _over(play)


async def rotated(play: Play) -> None:
    """Rotate a secret that an app, a slot and a Key Vault reference use, until the old one ends."""
    reference = f"@Microsoft.KeyVault(VaultName={VAULT};SecretName={APP_API_KEY})"
    set_by_hand(play.stage.sandbox, **{FLOATING: reference})
    await _rotated(play, Rotatable())


async def rotated_key(play: Play) -> None:
    """Rotate a key of a storage account that an app uses, until the old version ends."""
    await _rotated(play, Rotatable(STORAGE_KEY, ISSUED, ("",), is_a_key))


async def rotated_client_secret(play: Play) -> None:
    """Rotate a client secret that an app uses, until the old one is removed."""
    await _rotated(play, Rotatable(PARTNER_CLIENT_SECRET, ISSUED, ("",), is_a_client_secret))


async def _rotated(play: Play, what: Rotatable) -> None:
    sandbox = play.stage.sandbox
    before = versions(sandbox, what.secret)[-1]
    if what.setting == ISSUED:
        set_by_hand(sandbox, **{ISSUED: before.value})
    play.stage.teams.on_message = truth_about_rotation(sandbox, play.clock, play.wrong, what)
    await play.type(AVERY, "help")
    await play.rest(timedelta(seconds=5))
    play.exchanges.begin()
    await play.do(
        "the plan is shown",
        lambda: play.type(AVERY, f"rotate {what.secret}"),
        lambda: play.last(AVERY, _PLAN),
    )
    await play.rest(_A_WHILE)
    await play.do(
        "the rotation is begun",
        lambda: play.press(AVERY, play.last(AVERY, _PLAN), "Rotate"),
        lambda: play.last(AVERY, CARD),
    )
    await play.wait("it is rotated", lambda: play.last(AVERY, CARD, "Rotated"), _PATIENCE)
    await play.wait("the old version is disabled", lambda: not before.enabled, _AFTERWARDS)
    await play.rest(_AFTERWARDS)
    current = versions(sandbox, what.secret)[-1].value
    if what.held(sandbox) != {current} or not what.is_accepted(sandbox, current):
        play.wrong.append("in the end, the apps hold something else than what is accepted")
    await _look_back(play, (AVERY, "rotations"), (AVERY, "history"))


async def _given(play: Play, secrets: str) -> None:
    play.stage.teams.on_message = truth_about_access(play.stage.sandbox, play.clock, play.wrong)
    for person in (AVERY, DANA):
        await play.type(person, "help")
    await play.rest(timedelta(seconds=5))
    play.exchanges.begin()
    await play.do(
        "an approver is asked",
        lambda: play.type(DANA, f"request secret {secrets} for 8m because smoke test"),
        lambda: play.last(AVERY, "Access request"),
    )
    await play.rest(_A_WHILE)
    await play.do(
        "access is given",
        lambda: play.press(AVERY, play.last(AVERY, "Access request"), "Approve"),
        lambda: has_access(DANA, play.stage.sandbox),
    )
    await play.wait("access is said to be given", lambda: _own(play, "Access granted"), _PATIENCE)


async def _over(play: Play) -> None:
    """Let access end by itself."""
    end = ends_at(DANA, play.table)
    await play.wait(
        "access ends",
        lambda: gone_at(DANA, play.stage.sandbox),
        end + _PATIENCE - play.clock(),
    )
    gone = gone_at(DANA, play.stage.sandbox)
    assert gone
    if not -play.may_be_early_by <= gone - end <= play.patience(end):
        play.wrong.append(f"access ended {gone - end} after its end")
    await _told_of_the_end(play)


async def _told_of_the_end(play: Play) -> None:
    await play.wait("its end is said", lambda: _own(play, "Access ended"), _PATIENCE)
    await play.rest(_AFTERWARDS)
    await _look_back(play, (DANA, "my access"), (AVERY, "approvals"), (AVERY, "history"))


async def _look_back(play: Play, *lines: tuple[Person, str]) -> None:
    """Type lines whose answers belong to what people were told."""
    play.exchanges.end()
    for person, line in lines:
        await play.type(person, line)


def _asked_for_more(play: Play) -> Seen | None:
    return play.last(AVERY, "Access request", "Extension requested")


def _own(play: Play, status: str) -> Seen | None:
    return play.last(DANA, OWN, status)


SCENARIOS: Mapping[str, Scenario] = {
    "access": Scenario(plain),
    "extended access": Scenario(extended),
    "access ended early": Scenario(ended_early),
    "access to two secrets": Scenario(of_two_secrets),
    "rotation with three dependents": Scenario(rotated, THREE_DEPENDENTS),
    "rotation of a storage key": Scenario(rotated_key, A_STORAGE_KEY),
    "rotation of a client secret": Scenario(rotated_client_secret, A_CLIENT_SECRET),
}
