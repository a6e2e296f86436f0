"""The example: a site that installs the engine alone, run as its README tells."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# Its settings name a SQLite file, whatever the rest of the suite runs on.
pytestmark = pytest.mark.sqlite_only

EXAMPLE = Path(__file__).parents[2] / "examples" / "reading_room"
DRIVE = Path(__file__).with_name("drive_reading_room.py")


def _run(site: Path, folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("UPHELD_")}
    environment = inherited | {
        "DJANGO_SETTINGS_MODULE": "reading_room.settings",
        "PYTHONPATH": str(site),
        "UPHELD_HOME": str(folder / "home"),
        "UPHELD_KEYS": str(folder / "keys"),
    }
    command = [sys.executable, *map(str, words)]
    return subprocess.run(
        command, cwd=site, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    ran = _run(EXAMPLE, tmp_path_factory.mktemp("reading_room"), DRIVE)
    assert ran.returncode == 0, ran.stderr
    result: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return result


def test_it_is_checked(seen: dict[str, Any]) -> None:
    assert "5 purposes" in seen["upgraded"]


def test_the_program_is_public(seen: dict[str, Any]) -> None:
    assert seen["program"] == [200, [], True]


def test_the_policy_is_rendered(seen: dict[str, Any]) -> None:
    assert seen["policy_names_the_period"]


def test_a_seat_is_held_once(seen: dict[str, Any]) -> None:
    assert [seen["first"], seen["second"]] == ["Your seat is held", "Every seat is taken"]


def test_names_are_read_for_the_door_alone(seen: dict[str, Any]) -> None:
    assert seen["door_list"] == ["A reading", "Ada", ""]
    assert "read seats_seatholder.email (P10) refused" in seen["refusal"]
    assert "May read: answer_request, hold_seat" in seen["refusal"]


def test_after_thirty_days_nothing_is_left(seen: dict[str, Any]) -> None:
    assert seen["due_too_early"] == 0
    assert seen["holders_left"] == 0


def test_what_it_promises_is_proven(seen: dict[str, Any]) -> None:
    assert [proof for proof in seen["proofs"] if proof[1] == "broken"] == []
    states = {proof[0]: proof[1] for proof in seen["proofs"]}
    for kept in ("P02", "P04", "P05", "P09", "P11", "P12", "P14", "P18", "P44"):
        assert states[kept] == "kept"


def test_no_line_of_the_store_is_needed(seen: dict[str, Any]) -> None:
    assert seen["store_imported"] == []


PLANTS = {
    "seats/forms.py": (
        '    email = declared_input("guest.email"',
        '    phone = declared_input("guest.phone", required=True, label="Phone")\n'
        '    email = declared_input("guest.email"',
        "phone",
    ),
    "seats/inventory.toml": (', name = "guest.name" }', " }", "name"),
    "policy/policy.toml": (', kept_days = 30 }\n"guest.email"', ' }\n"guest.email"', "period"),
}


@pytest.mark.parametrize("file", PLANTS)
def test_code_that_could_break_it_is_refused(tmp_path: Path, file: str) -> None:
    site = tmp_path / "site"
    shutil.copytree(EXAMPLE, site, ignore=shutil.ignore_patterns("var*", "__pycache__"))
    before, after, named = PLANTS[file]
    text = (site / file).read_text()
    assert before in text
    (site / file).write_text(text.replace(before, after, 1))
    ran = _run(site, tmp_path, "manage.py", "upheld", "upgrade")
    assert ran.returncode == 1
    assert named in ran.stderr
    assert "Traceback" not in ran.stderr
