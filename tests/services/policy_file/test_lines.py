"""The line numbers of keys in a TOML file."""

import pytest

from services.policy_file.lines import Place, line_of, lines_of

TEXT = """\
# a comment = with an equals sign
[defaults]
pending = "8h"
rotation.overlap = "24h"

[[secret]]
name = "first"

[secret.rotation]
schedule = { cron = "0 3 * * *" }

[[secret.rotation.dependents]]
app = "one"

[[secret.rotation.dependents]]
app = "two"

  [[ secret ]]   # another one
  "name" = "second"
  approvers = [
    "a@b",
  ]

[[secret.rotation.dependents]]
app = "three"
"""


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (("defaults",), 2),
        (("defaults", "pending"), 3),
        (("defaults", "rotation", "overlap"), 4),
        (("secret", 0, "name"), 7),
        (("secret", 0, "rotation", "schedule", "cron"), 10),
        (("secret", 0, "rotation", "dependents", 1, "app"), 16),
        (("secret", 0, "rotation", "dependents", 1, "setting"), 15),
        (("secret", 1, "name"), 18),
        (("secret", 1, "approvers"), 20),
        (("secret", 1, "rotation", "dependents", 0, "app"), 25),
        (("nowhere",), None),
    ],
)
def test_a_place_has_the_line_of_its_key_or_of_the_nearest_table(
    place: Place, expected: int | None
) -> None:
    assert line_of(place, lines_of(TEXT)) == expected
