"""What `make check` starts for what isn't Python: the Dockerfile and the workflows."""

import sys

from scripts import paths

GITHUB = paths.ROOT / ".github"

Command = tuple[str, ...]


def commands() -> list[Command]:
    """Return the programs with their arguments; each is one of `requirements-tools.txt`."""
    workflows = sorted(str(path) for path in (GITHUB / "workflows").glob("*.yml"))
    schema = ("check-jsonschema", "--builtin-schema")
    # There is no hadolint for Windows.
    of_the_image: list[Command] = [] if sys.platform == "win32" else [("hadolint", "Dockerfile")]
    return [
        *of_the_image,
        (*schema, "vendor.github-workflows", *workflows),
        (*schema, "vendor.dependabot", str(GITHUB / "dependabot.yml")),
        ("zizmor", "--offline", "--quiet", str(GITHUB)),
    ]


def audits() -> list[Command]:
    """Return what looks for known vulnerabilities in each lock."""
    by_hash = ("pip-audit", "--disable-pip", "--require-hashes", "-r")
    return [(*by_hash, str(path)) for path in sorted(paths.ROOT.glob("requirements*.txt"))]
