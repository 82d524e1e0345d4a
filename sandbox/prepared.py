"""Faults to switch on and off by name: what the page has buttons for.

Each is made of what the control API offers: faults of requests, a lock on the vaults, and knobs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.calls import Json
from sandbox.faults import fault_from_json
from sandbox.state import Knobs, State
from sandbox.stored.locks import StoredLock

_UNTIL_SWITCHED_OFF = 1_000_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """One of them: what happens to Azure (`title`), and what people then see (`effect`)."""

    key: str
    title: str
    effect: str
    faults: tuple[Json, ...] = ()
    locks_vaults: bool = False
    knobs: Mapping[str, Any] = field(default_factory=dict)

    def is_on(self, state: State) -> bool:
        """Tell whether any of it is in force; a fault that has struck as often as it can isn't."""
        usual = Knobs()
        return (
            any(one.prepared == self.key for one in state.faults.pending)
            or any(one.name == self.key for one in state.locks)
            or any(getattr(state.knobs, name) != getattr(usual, name) for name in self.knobs)
        )

    def switch_on(self, state: State) -> None:
        """Put it in force; nothing changes if it is."""
        if self.is_on(state):
            return
        for document in self.faults:
            state.faults.add(replace(fault_from_json(document), prepared=self.key))
        if self.locks_vaults:
            state.locks += [StoredLock(self.key, vault.scope) for vault in state.vaults.values()]
        state.knobs = replace(state.knobs, **self.knobs)

    def switch_off(self, state: State) -> None:
        """Restore what is usual, and leave alone what others ordered."""
        pending = state.faults.pending
        pending[:] = [one for one in pending if one.prepared != self.key]
        state.locks[:] = [one for one in state.locks if one.name != self.key]
        usual = Knobs()
        state.knobs = replace(state.knobs, **{name: getattr(usual, name) for name in self.knobs})


_SETTINGS_REFUSED: Json = {
    "method": "PUT",
    "path": "/config/appsettings",
    "status": 409,
    "body": {
        "error": {
            "code": "ScopeLocked",
            "message": "The app is locked: its settings can't be changed.",
        }
    },
}

# The new version is written before the firewall closes; the old value can't be put back after.
_FIREWALL_CLOSED_AFTER_ONE_WRITE: Json = {
    "method": "PUT",
    "path": "^/secrets/",
    "skip": 1,
    "times": _UNTIL_SWITCHED_OFF,
    "status": 403,
    "body": {
        "error": {
            "code": "Forbidden",
            "message": "Client address is not authorized and caller is not a trusted service.",
            "innererror": {"code": "ForbiddenByFirewall"},
        }
    },
}

PREPARED = (
    Prepared(
        key="settings-refused",
        title="Refuse the next change of app settings",
        effect="The next rotation fails halfway and is rolled back.",
        faults=(_SETTINGS_REFUSED,),
    ),
    Prepared(
        key="undo-refused",
        title="Break the next rotation, and its undo",
        effect="The next rotation fails halfway, and the vault's firewall keeps the old value from "
        "being put back. After about two minutes, the rotation needs a human.",
        faults=(_SETTINGS_REFUSED, _FIREWALL_CLOSED_AFTER_ONE_WRITE),
    ),
    Prepared(
        key="grant-unanswered",
        title="Lose the answer to the next grant",
        effect="The role assignment is created, but Latchkey isn't told. It reads what exists, and "
        "grants nothing twice.",
        faults=({"method": "PUT", "path": "/roleAssignments/", "when": "after", "status": 504},),
    ),
    Prepared(
        key="revocation-refused",
        title="Refuse to end access",
        effect="Access stays after its time. Latchkey keeps trying, and raises its alarm five "
        "minutes later.",
        faults=(
            {
                "method": "DELETE",
                "path": "/roleAssignments/",
                "status": 503,
                "times": _UNTIL_SWITCHED_OFF,
            },
        ),
    ),
    Prepared(
        key="vault-locked",
        title="Lock the vault",
        effect="A lock would keep access from being taken away, so none is granted.",
        locks_vaults=True,
    ),
    Prepared(
        key="slow",
        title="Answer slowly",
        effect="Every answer takes a second longer, so that each step can be watched.",
        knobs={"latency_seconds": 1},
    ),
)

BY_KEY = {one.key: one for one in PREPARED}
