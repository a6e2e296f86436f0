"""P47 goes red for each way in which a log can lie, and cannot be green over nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from django.db import transaction

from tests.upheld.ledger.test_held_against import cut_to
from tests.upheld.ledger.test_log import fill, forge_from, rewritten
from upheld.ledger import Signer, keep_outside, kept_outside, newest_checkpoint, offline
from upheld.ledger.models import LedgerEntry
from upheld.policy import current
from upheld.promises.proof import Proof
from upheld.vault.keys import KeyFolder
from upheld.web import proofs, prove_log

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_keys")]
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def proof() -> Proof:
    return prove_log.prove_log(current(), NOW)


def test_over_nothing_it_is_not_proven() -> None:
    assert proof().state == "unproven"


def test_a_log_that_fits_is_kept_and_counted() -> None:
    fill()
    found = proof()
    assert (found.state, found.kind, found.population) == ("kept", "tested", 11)
    assert found.figure.startswith("All 11 entries are those that were signed")


def test_one_entry_is_one_entry() -> None:
    fill(1)
    assert proof().figure.startswith("The 1 entry is the one that was signed")


def test_a_log_cut_off_inside_the_store_is_found_by_what_lies_outside() -> None:
    fill()
    keep_outside()
    assert "among them all 11" in proof().figure
    cut_to(7)
    found = proof()
    assert found.state == "broken" and "cut off" in found.figure


def test_an_edit_is_broken() -> None:
    fill()
    rewritten(4, event="PromiseBroken")
    assert proof().figure == "The log: Entry 4 is not the one that was signed."


def test_a_damaged_checkpoint_outside_is_broken(own_keys: KeyFolder) -> None:
    fill()
    (own_keys.path / "log.checkpoint").write_bytes(b"x")
    assert proof().state == "broken"


def test_a_broken_log_never_replaces_what_lies_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "folders_with_proofs", list)
    fill()
    keep_outside()
    before = kept_outside()
    forge_from(5, Signer().sign)
    proofs.prove_all(NOW)
    assert kept_outside() == before


def test_a_run_that_holds_keeps_the_newest_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "folders_with_proofs", list)
    fill()
    proofs.prove_all(NOW)
    assert kept_outside() == newest_checkpoint()


@pytest.mark.parametrize("name", list(prove_log.LIES))
def test_a_check_that_misses_a_lie_is_broken(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The negative control of the control: a lie that changes nothing is not found."""

    def nothing(entries: Iterable[LedgerEntry], place: int) -> Iterable[LedgerEntry]:
        return iter(entries)

    fill()
    monkeypatch.setitem(prove_log.LIES, name, nothing)
    found = proof()
    assert found.state == "broken" and name in found.figure


def test_proof_files_that_prove_anything_are_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    fill()
    monkeypatch.setattr(offline.OfflineProof, "holds", lambda *_: True)
    assert "proof file of another entry" in proof().figure


def test_a_log_folder_that_cannot_be_written_keeps_the_older(
    own_keys: KeyFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fill()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(KeyFolder, "keep_checkpoint", full)
    with transaction.atomic():
        keep_outside()
    assert "no checkpoint could be kept" in caplog.text and kept_outside() is None
