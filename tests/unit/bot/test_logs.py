"""Logs hold ids and codes: nothing that a person wrote, and no token, whatever fails and whoever reports it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from leaky_program import SECRET, TOKEN

ROOT = Path(__file__).parents[3]


def run(program: list[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        program, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, timeout=30, check=False
    )


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_fault_tells_what_a_person_wrote(form: str, tmp_path: Path) -> None:
    program = [sys.executable, str(Path(__file__).with_name("leaky_program.py")), form, str(tmp_path / "a.sqlite3")]
    finished = run(program)
    written = finished.stderr.decode()
    assert finished.returncode == 0, written
    for part in (SECRET, ascii(SECRET).strip("'"), TOKEN.partition(":")[2], "[parameters:"):
        assert part not in written
    for told in ("update_failed", "An error was raised", "in_place", "never retrieved", "raised an exception"):
        assert written.count(told) == 2, f"{told}: {written}"
    assert written.count("IntegrityError") >= 4
    assert "leaky_program.py:" in written, "where the fault lies is told"


def test_every_line_of_json_is_an_object_with_a_level_and_a_time(tmp_path: Path) -> None:
    program = [sys.executable, str(Path(__file__).with_name("leaky_program.py")), "json", str(tmp_path / "a.sqlite3")]
    finished = run(program)
    lines = [json.loads(line) for line in finished.stderr.decode().splitlines()]
    assert len(lines) > 10
    assert all({"event", "level", "timestamp"} <= line.keys() for line in lines)
