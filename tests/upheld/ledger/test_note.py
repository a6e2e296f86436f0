"""Signed notes and checkpoints, against the example that C2SP publishes."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upheld.ledger.checkpoint import Signer, checkpoint_text, log_name, read_checkpoint
from upheld.ledger.note import (
    NOTE_BYTES_MAX,
    NoteUnreadable,
    read_note,
    read_verifier_key,
    write_verifier_key,
)

# c2sp.org/signed-note, section "Example".
KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n"
    "\n"
    "\N{EM DASH} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZX"
    "sYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# c2sp.org/tlog-checkpoint, without a key to check it by.
PUBLISHED = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "\N{EM DASH} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4U"
    "RYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)


def test_the_published_note_verifies() -> None:
    name, public = read_verifier_key(KEY)
    note = read_note(NOTE.encode())
    assert name == "example.com/foo" and note.text == "This is an example message.\n"
    assert note.is_signed_by(name, public)
    assert write_verifier_key(name, public) == KEY


def test_the_published_checkpoint_is_read() -> None:
    point = read_checkpoint(PUBLISHED.encode())
    assert (point.origin, point.size) == ("example.com/behind-the-sofa", 20852163)
    assert base64.b64encode(point.root) == b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


@pytest.mark.parametrize(("old", "new"), [("example message", "exemple message"), ("Uw2Q", "Uw2R")])
def test_a_changed_note_is_not_signed(old: str, new: str) -> None:
    name, public = read_verifier_key(KEY)
    assert not read_note(NOTE.replace(old, new, 1).encode()).is_signed_by(name, public)


def test_a_signature_of_someone_else_is_ignored_and_a_bad_one_of_ours_is_not() -> None:
    name, public = read_verifier_key(KEY)
    line = NOTE.splitlines()[-1]
    other = line.replace("example.com/foo", "witness.example.com")
    bad = line[:-8] + "AAAAAAA="
    assert read_note(f"{NOTE}{other}\n".encode()).is_signed_by(name, public)
    assert not read_note(f"{NOTE}{bad}\n".encode()).is_signed_by(name, public)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no signatures\n",
        "no signatures\n\n",
        NOTE.rstrip("\n"),
        NOTE.replace("\N{EM DASH}", "-"),
        NOTE.replace("example message", "example\tmessage"),
        NOTE.replace("Uw2Q", "Uw2%"),
        NOTE + "\N{EM DASH} short AAAA\n",
        "x" * NOTE_BYTES_MAX + NOTE,
    ],
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(NoteUnreadable):
        read_note(text.encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("20852163", "020852163"),
        ("20852163", "-1"),
        ("20852163", "٣"),
        ("CsUY", "CsU"),
        ("20852163\n", ""),
    ],
)
def test_what_is_no_checkpoint_is_refused(old: str, new: str) -> None:
    with pytest.raises(NoteUnreadable):
        read_checkpoint(PUBLISHED.replace(old, new, 1).encode())


@given(st.binary(max_size=200))
def test_noise_is_refused_and_never_fails_otherwise(data: bytes) -> None:
    with pytest.raises(NoteUnreadable):
        read_note(data + b"x")


@pytest.mark.parametrize("text", ["", "a", "a+b+c", KEY[:-4] + "AAAA", KEY.replace("foo", "fox")])
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(NoteUnreadable):
        read_verifier_key(text)


@pytest.mark.usefixtures("own_keys")
def test_ours_is_a_note_under_the_logs_own_name() -> None:
    signer, root = Signer(), bytes(range(32))
    note = signer.note(log_name(), 7, root, signer.sign(log_name(), 7, root))
    point = read_checkpoint(note)
    assert (point.size, point.root, point.origin) == (7, root, "larkfield.example.com/privacy/log")
    assert read_note(note).text == checkpoint_text(log_name(), 7, root)
    name, public = read_verifier_key(signer.verifier_key(log_name()))
    assert point.is_signed_by(public) and name == log_name()
    assert not read_checkpoint(note.replace(b"\n7\n", b"\n8\n")).is_signed_by(public)
