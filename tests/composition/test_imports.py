"""What a start doesn't load, since it takes time and memory and few use it at once."""

import subprocess
import sys

import pytest

from scripts import paths

LATER = ("azure.mgmt.web", "azure.monitor.opentelemetry.exporter")


@pytest.mark.parametrize("module", LATER)
def test_a_start_does_not_import_what_few_use(module: str) -> None:
    code = f"import app, sys; sys.exit({module!r} in sys.modules)"

    started = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", code], cwd=paths.ROOT, check=False
    )

    assert started.returncode == 0
