"""A package as an administrator would build it."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from scripts.release import app_package

APP_ID = "0b9f3ab1-6f5e-4a59-9a4b-1f0c3a4d5e6f"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "latchkey.zip"
    arguments = ["--developer", "Contoso", "--website", "https://contoso.example/latchkey"]
    app_package.main(["--app-id", APP_ID, "--out", str(path), *arguments])
    return path


@pytest.fixture
def manifest(package: Path) -> dict[str, Any]:
    with ZipFile(package) as opened:
        content: dict[str, Any] = json.loads(opened.read("manifest.json"))
    return content
