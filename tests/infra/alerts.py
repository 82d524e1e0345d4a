"""The alerts that infra sets, and their queries."""

import re

from tests.infra import bicep

ALERTS = bicep.source("modules/alerts.bicep")
NAMES = re.findall(r"^    name: '([\w-]+)'$", ALERTS.partition("var rules = [")[2], re.MULTILINE)


def query(name: str) -> str:
    """Return an alert's query without its comments."""
    lines = bicep.source(f"alerts/{name}.kql").splitlines()
    return "\n".join(line for line in lines if not line.startswith("//"))
