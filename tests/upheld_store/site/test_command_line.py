"""The `upheld` command: quick to help, 0 done, 1 refused, 2 misuse."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from upheld_store.site.command_line import VERBS, build_parser, main
from upheld_store.site.environment import database_settings
from upheld_store.site.owner_files import EnvironmentInvalid


def run(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """One verb of a store in `folder`, as a process of its own."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith("UPHELD_")}
    return subprocess.run(
        [sys.executable, "-m", "upheld_store.site", *words],
        env=ours
        | {
            "UPHELD_HOME": str(folder / "home"),
            "UPHELD_KEYS": str(folder / "keys"),
            "UPHELD_STORE": os.environ["UPHELD_STORE"],
        }
        | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_needs_no_django() -> None:
    code = (
        "import sys; from upheld_store.site.command_line import build_parser; "
        "build_parser().format_help(); print('django' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_every_verb_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert all(verb in text for verb in VERBS)


@pytest.mark.parametrize("words", [[], ["no-such-verb"], ["hold", "X"], ["shell", "--for", "a"]])
def test_misuse_is_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args(words)
    assert ended.value.code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["serve", "--port", "99999"],
        ["serve", "--port", "0"],
        ["serve", "--workers", "0"],
        ["demo", "--port", "65534"],
        ["seed", "--products", "-1"],
        ["seed", "--products", "²"],
        ["hold", "X", "--reason", "r", "--until", "31.12.2027"],
    ],
)
def test_a_number_or_day_that_cannot_be_meant_is_named(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args(words)
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert words[-1] in told and ("is no number from" in told or "write it as" in told)


def test_a_taken_port_is_not_shared(tmp_path: Path) -> None:
    # Granian alone would: two stores would answer at one address, in turns.
    assert run(tmp_path, "upgrade").returncode == 0
    with socket.socket() as first:
        first.bind(("127.0.0.1", 0))
        first.listen()
        port = first.getsockname()[1]
        second = run(tmp_path, "serve", "--port", str(port))
        demo = run(tmp_path, "demo", "--port", str(port))
    for refused in (second, demo):
        assert refused.returncode == 1 and f"Port {port} is taken" in refused.stderr
        assert "Traceback" not in refused.stderr


def test_a_new_store_from_nothing(tmp_path: Path) -> None:
    refused = run(tmp_path, "check")
    assert refused.returncode == 1 and "upheld upgrade" in refused.stdout + refused.stderr
    assert "Traceback" not in refused.stderr
    made = run(tmp_path, "upgrade")
    assert (made.returncode, made.stderr) == (0, "")
    checked = run(tmp_path, "check")
    assert checked.returncode == 0 and checked.stdout.count("\n") == 1
    assert json.loads(run(tmp_path, "check", "--json").stdout) == []
    facts = json.loads(run(tmp_path, "status", "--json").stdout)
    assert facts["findings"] == 0 and facts["database"] == "sqlite"
    assert facts["jobs given up"] == facts["letters waiting"] == facts["letters refused"] == 0
    held = run(tmp_path, "hold", "NO-SUCH", "--reason", "a court", "--until", "2099-01-01")
    assert held.returncode == 1 and "no order" in held.stderr
    opened = run(tmp_path, "shell", "--for", "no_such_purpose", "--reason", "trying")
    assert opened.returncode == 1 and "Traceback" not in opened.stderr


@pytest.mark.parametrize(
    ("environ", "clause"),
    [
        ({"UPHELD_ORIGIN": "http://shop.example.org"}, "P18"),
        ({"UPHELD_ORIGIN": "https://shop.example.org"}, "P19"),
        ({"UPHELD_ORIGIN": "https://shop.example.org", "UPHELD_DEBUG": "1"}, "P17"),
        ({"UPHELD_ORIGIN": "https://shop.example.org", "UPHELD_GATEWAY": "stripe"}, "P39"),
    ],
)
def test_what_is_for_trying_out_stays_on_loopback(
    tmp_path: Path, environ: dict[str, str], clause: str
) -> None:
    refused = run(tmp_path, "serve", "--port", "1", **environ)
    assert refused.returncode == 1 and f"({clause})" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_key_folder_inside_home_is_refused(tmp_path: Path) -> None:
    refused = run(tmp_path, "serve", UPHELD_KEYS=str(tmp_path / "home" / "keys"))
    assert refused.returncode == 1 and "UPHELD_KEYS" in refused.stderr


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"UPHELD_HOME": "/proc/no-such/home"}, "/proc/no-such"),
        ({"UPHELD_KEYS": "/dev/null/keys"}, "/dev/null"),
        ({"UPHELD_ORIGIN": "shop.example.org"}, "https://your.shop"),
        ({"UPHELD_ORIGIN": "https://shop.example.org/path"}, "https://your.shop"),
        ({"UPHELD_ORIGIN": "https://me:secret@shop.example.org"}, "https://your.shop"),
    ],
)
def test_what_cannot_be_used_is_named_without_a_traceback(
    tmp_path: Path, environ: dict[str, str], told: str
) -> None:
    refused = run(tmp_path, "upgrade", **environ)
    assert refused.returncode == 1 and told in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_store_without_a_database_is_told_so_once(tmp_path: Path) -> None:
    refused = run(tmp_path, "check")
    assert refused.stdout.count("Remedy:") == 1 and "upheld upgrade" in refused.stdout


def test_a_public_http_origin_is_told_once(tmp_path: Path) -> None:
    refused = run(tmp_path, "check", UPHELD_ORIGIN="http://shop.example.org")
    assert refused.stdout.count("UPHELD_ORIGIN (P18)") == 1


def test_postgresql_without_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EnvironmentInvalid, match="needs its driver"):
        database_settings("postgres://shop@127.0.0.1/shop")


def test_seed_and_keep_say_what_they_did(tmp_path: Path) -> None:
    assert run(tmp_path, "upgrade").returncode == 0
    assert run(tmp_path, "seed", "--products", "3").stdout == "The catalog holds 3 products.\n"
    assert run(tmp_path, "keep").stdout.startswith("kept: vaults 0, retention 1")
    assert "gateways         practice\n" in run(tmp_path, "status").stdout


def test_a_folder_that_is_no_store_is_named(tmp_path: Path) -> None:
    refused = run(tmp_path, "check", UPHELD_STORE=str(tmp_path))
    assert refused.returncode == 1 and "store.toml" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_lost_lasting_key_is_said_and_made_by_nobody(tmp_path: Path) -> None:
    assert run(tmp_path, "upgrade").returncode == 0
    lasting = tmp_path / "keys" / "lasting"
    for name in ("license_keys", "secret"):
        (lasting / f"{name}.key").unlink()
        refused = run(tmp_path, "check")
        told = refused.stdout + refused.stderr
        assert refused.returncode == 1 and name in told and "recovery file" in told
        assert "Traceback" not in told and not (lasting / f"{name}.key").exists()
