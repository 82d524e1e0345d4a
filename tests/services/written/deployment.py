"""The deployment that the files here are of: its people, its rules, and how it is read back."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.access.assignment import Assignment
from domain.policies.rule import Rule
from domain.rotation.policy import Schedule
from domain.secrets import SecretValue
from services.policies import Policies
from services.ports import AssignmentFacts
from services.rotation.secret_versions import Version
from services.storage.table import Insert, Row, Table, Value
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    HOUR,
    OTHER_SECRET,
    SECRET,
    VAULT,
    a_policy,
    email_of,
    in_directory,
)
from tests.support.rotation.builders import a_rotation_policy
from tests.support.rotation.world import APPS, DEPENDENTS, RotationWorld

FAY, GUS, HAL, IDA, JO, KIM, LOU = (
    replace(DANA, object_id=f"33333333-0000-4000-8000-00000000000{number}", name=name)
    for number, name in enumerate(("Fay", "Gus", "Hal", "Ida", "Jo", "Kim", "Lou"))
)

BY_TWO = "pair-api-key"
"""A secret of which two approvers have to be of one mind."""
OVERLAPPING, SCHEDULED, CONSENTED = "db-password", "mail-api-key", "queue-api-key"


def policies() -> Policies:
    """Return the rules in force."""
    approvers = (email_of(ADA), email_of(BO))
    usual = a_policy(
        approvers=approvers,
        remind_after=2 * HOUR,
        escalate_after=4 * HOUR,
        escalation=(email_of(CY),),
        break_glass=(JO.object_id,),
        break_glass_longest=2 * HOUR,
    )
    return Policies(
        usual,
        (
            Rule(SECRET, replace(usual, secret=SECRET)),
            Rule(BY_TWO, replace(usual, secret=BY_TWO, min_approvals=2)),
            Rule(
                OTHER_SECRET,
                replace(usual, secret=OTHER_SECRET),
                a_rotation_policy(dependents=DEPENDENTS),
            ),
            Rule(OVERLAPPING, None, a_rotation_policy(secret=OVERLAPPING)),
            Rule(
                SCHEDULED,
                None,
                a_rotation_policy(secret=SCHEDULED, schedule=Schedule("0 14 * * *")),
            ),
            Rule(CONSENTED, None, a_rotation_policy(secret=CONSENTED, second_admin=True)),
        ),
    )


def as_member(value: object) -> dict[str, str]:
    """Return a moment, which JSON has no type for, as the files have it."""
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} has no place in the files")
    return {"moment": value.isoformat()}


def _values(row: Mapping[str, Any]) -> dict[str, Value]:
    """Read the values of a row, its moments among them."""
    return {
        name: datetime.fromisoformat(value["moment"]) if isinstance(value, dict) else value
        for name, value in row["values"].items()
    }


@dataclass(frozen=True, slots=True)
class Written:
    """A deployment as it was when it stopped."""

    now: datetime
    rows: tuple[Row, ...]
    azure: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> "Written":
        """Read one of the files."""
        content = json.loads(path.read_text())
        rows = (Row(one["partition"], one["key"], _values(one), "") for one in content["rows"])
        return cls(datetime.fromisoformat(content["now"]), tuple(rows), content)

    async def restore(self, table: Table) -> RotationWorld:
        """Put it all back into a table and an Azure that are empty."""
        await self._fill(table)
        world = RotationWorld(table=table)
        for person in (FAY, GUS, HAL, IDA, JO, KIM, LOU):
            world.people.add(in_directory(person))
        world.policies = policies()
        world.clock.advance_to(self.now)
        for one in self.azure["assignments"]:
            world.assignments.keep(
                one["name"],
                AssignmentFacts(
                    Assignment(one["scope"], one["principal_id"], one["role"]),
                    one["description"],
                    datetime.fromisoformat(one["created_at"]),
                ),
            )
        world.versions.forget_all()
        for one in self.azure["versions"]:
            version = Version(
                id=one["id"],
                enabled=one["enabled"],
                created_at=datetime.fromisoformat(one["created_at"]),
                expires_at=None,
                content_type=one["content_type"],
                tags=one["tags"],
            )
            world.versions.keep(VAULT.url, one["secret"], SecretValue(one["value"]), version)
            world.secrets.put(VAULT, one["secret"])
        for secret in (SECRET, BY_TWO):
            world.secrets.put(VAULT, secret)
        for app in APPS:
            world.apps.add(app, self.azure["apps"][str(app)])
        return world

    async def _fill(self, table: Table) -> None:
        partitions: defaultdict[str, list[Insert]] = defaultdict(list)
        for row in self.rows:
            partitions[row.partition].append(Insert(row.key, row.values))
        for partition, inserts in partitions.items():
            for start in range(0, len(inserts), 100):
                await table.transact(partition, inserts[start : start + 100])
