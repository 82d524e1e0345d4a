"""What is deployed is what the bot needs, and the same wherever it is put together."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts import paths
from scripts.release import bundles


def test_the_bot_imports_nothing_else(tmp_path: Path) -> None:
    for name, content in bundles.files().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    # Isolated from the checkout, as its folders would be found otherwise.
    started = subprocess.run(
        [sys.executable, "-E", "-c", "import app"], cwd=tmp_path, capture_output=True, check=False
    )

    assert started.returncode == 0, started.stderr.decode()


def test_it_has_only_code_and_its_catalogues() -> None:
    kinds = {Path(name).suffix for name in bundles.files()}

    assert kinds == {".py", ".po", ".mo", ".txt"}
    assert [name for name in bundles.files() if name.endswith(".txt")] == ["requirements.txt"]


def test_the_folder_is_written_anew_with_the_policy_of_whoever_deploys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "one.py").write_text("1", encoding="utf-8")
    (tmp_path / "bot" / "__pycache__").mkdir()
    (tmp_path / "bot" / "__pycache__" / "one.pyc").touch()
    (tmp_path / "policy.toml").write_text("[access]", encoding="utf-8")
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(bundles, "PARTS", ("bot",))
    monkeypatch.setattr(bundles, "FOLDER", tmp_path / "build" / "app")
    left = tmp_path / "build" / "app" / "left.py"
    left.parent.mkdir(parents=True)
    left.touch()

    folder = bundles.write()

    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert written == {"bot/one.py", "policy.toml"}
