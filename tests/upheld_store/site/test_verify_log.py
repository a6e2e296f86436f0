"""`upheld verify-log`: 0 whole, 1 broken and where, 2 a file that is nothing of the kind."""

from __future__ import annotations

import json
from email.policy import compat32
from pathlib import Path

import pytest

from tests.upheld.ledger.test_held_against import checkpoint, cut_to
from tests.upheld.ledger.test_log import fill, rewritten
from tests.upheld.promises.mail.test_content import ENVELOPE, content
from upheld.ledger import prove_entry
from upheld.promises.mail.content import Envelope, build_message
from upheld_store.site.command_line import build_parser
from upheld_store.site.verify_log import verify_log

pytestmark = [pytest.mark.django_db]


def run(*words: str) -> int:
    return verify_log(build_parser().parse_args(["verify-log", *words]))


def mail(note: bytes) -> bytes:
    envelope = Envelope(
        ENVELOPE.kind, ENVELOPE.message_id, ENVELOPE.sender, ENVELOPE.now, checkpoint=note
    )
    return build_message(content(), envelope).as_bytes(policy=compat32.clone(linesep="\r\n"))


def kept(folder: Path) -> dict[str, Path]:
    """The newest checkpoint in each form in which somebody may hold it."""
    point, proof = checkpoint(), prove_entry(3)
    assert proof is not None
    forms = {"note": point.note, "proof": proof.write(), "mail": mail(point.note)}
    for name, data in forms.items():
        (folder / name).write_bytes(data)
    return {name: folder / name for name in forms}


def test_a_whole_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill()
    assert run() == 0 and "11 entries are those that were signed" in capsys.readouterr().out
    for path in kept(tmp_path).values():
        assert run("--against", str(path), "--json") == 0
        told = json.loads(capsys.readouterr().out)
        assert told["ok"] and told["size"] == 11 and told["against"][0]["size"] == 11


@pytest.mark.parametrize("form", ["note", "proof", "mail"])
def test_a_cut_log_against_each_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    fill()
    path = kept(tmp_path)[form]
    cut_to(5)
    assert run() == 0
    assert run("--against", str(path), "--json") == 1
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["ok"], told["index"]) == (False, 5) and "cut off" in told["problem"]


def test_an_edit_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    fill()
    rewritten(4, facts="{}")
    assert run() == 1
    assert capsys.readouterr().err.startswith("broken (entry 4): Entry 4 is not the one")


@pytest.mark.parametrize("data", [None, b"", b"hello", b"X-Upheld-Checkpoint: %%%\n\nhello"])
def test_a_file_that_is_no_checkpoint_is_misuse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes | None
) -> None:
    path = tmp_path / "given"
    if data is not None:
        path.write_bytes(data)
    assert run("--against", str(path)) == 2
    assert "Pass a checkpoint, a proof file, or an order mail" in capsys.readouterr().err


def test_the_header_survives_being_folded() -> None:
    fill()
    lines = mail(checkpoint().note).split(b"\r\n")
    assert max(map(len, lines)) < 100
