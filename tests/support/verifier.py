"""Runs the script with which auditors verify exports, as they would: alone, in another folder."""

import asyncio
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts.paths import ROOT

SCRIPT = ROOT / "scripts" / "verify_export.py"


@dataclass(frozen=True, slots=True)
class Verified:
    """What the script said, and its exit status."""

    status: int
    words: str


async def verify_export(folder: Path, body: bytes, *arguments: str) -> Verified:
    """Copy the script to a folder, and verify a file there."""
    script, file = folder / SCRIPT.name, folder / "export.json"
    await asyncio.to_thread(shutil.copy, SCRIPT, script)
    await asyncio.to_thread(file.write_bytes, body)
    command = [sys.executable, "-I", str(script), str(file), *arguments]
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=folder, capture_output=True, text=True, check=False
    )
    return Verified(done.returncode, " ".join((done.stdout + done.stderr).split()))
