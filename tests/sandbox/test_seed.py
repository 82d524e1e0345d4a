"""The seed and its file."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.seed import (
    DANA,
    TENANT_ID,
    DirectoryGroup,
    SecretSeed,
    SeedError,
    VaultSeed,
    VersionSeed,
    default_seed,
)
from sandbox.seed_file import load_seed


def written(directory: Path, document: Any) -> Path:
    path = directory / "seed.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_anything_missing_from_the_file_comes_from_the_default_seed(tmp_path: Path) -> None:
    seed = load_seed(written(tmp_path, {"organization": "Fabrikam"}))

    assert seed.organization == "Fabrikam"
    assert seed.tenant_id == TENANT_ID
    assert DANA in seed.users


def test_a_file_can_define_vaults_secrets_and_versions(tmp_path: Path) -> None:
    versions = [{"age_days": 3}, {"enabled": False, "expires_in_days": 1.5}]
    secret = {"name": "a", "versions": versions, "tags": {"team": "x"}}
    seed = load_seed(written(tmp_path, {"vaults": [{"name": "v", "secrets": [secret]}]}))

    expected = SecretSeed(
        "a",
        (VersionSeed(age_days=3), VersionSeed(enabled=False, expires_in_days=1.5)),
        tags={"team": "x"},
    )
    assert seed.vaults == (VaultSeed("v", (expected,)),)


def test_a_file_can_define_groups(tmp_path: Path) -> None:
    group = {"id": "1", "display_name": "Payments", "members": [DANA.id]}
    seed = load_seed(written(tmp_path, {"groups": [group]}))

    assert seed.groups == (DirectoryGroup("1", "Payments", (DANA.id,)),)


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ([], "expected an object"),
        ({"colour": "red"}, "colour"),
        ({"users": {}}, "users"),
        ({"users": [{"id": "1"}]}, r"users\[0\]\.display_name: missing"),
        ({"vaults": [{"name": 1}]}, r"vaults\[0\]\.name"),
        ({"vaults": [{"name": "v", "colour": 1}]}, r"vaults\[0\]\.colour: no such key"),
        (
            {
                "vaults": [
                    {"name": "v", "secrets": [{"name": "a", "versions": [{"age_days": "x"}]}]}
                ]
            },
            r"versions\[0\]\.age_days",
        ),
    ],
)
def test_an_error_in_a_file_is_reported_with_its_place(
    tmp_path: Path, document: Any, where: str
) -> None:
    with pytest.raises(SeedError, match=where):
        load_seed(written(tmp_path, document))


def test_a_file_that_is_not_json_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "seed.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(SeedError, match=r"seed\.json"):
        load_seed(path)


def test_the_secret_of_an_application_is_not_shown() -> None:
    seed = default_seed()

    assert not any(one.client_secret in repr(seed) for one in seed.service_principals)
