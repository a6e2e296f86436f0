"""`prove` brings every proof, keeps what it found, and calls a proof that cannot run unproven."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from upheld.db import entry_point
from upheld.ledger import LedgerEntry, verify
from upheld.policy import Policy
from upheld.promises.proof import Proof
from upheld.web import proofs
from upheld.web.content import read_version
from upheld.web.models import ProofOutcome
from upheld.web.promise_list import provable_promises

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECRET = "anna.secret@example.com"


class Folders:
    """Stands for the folders of upheld/promises."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.modules: dict[str, Any] = {}
        monkeypatch.setattr(proofs, "folders_with_proofs", lambda: list(self.modules))
        found = proofs.importlib.import_module

        def planted(name: str) -> Any:
            return self.modules.get(name.split(".")[-2]) or found(name)

        monkeypatch.setattr(
            proofs, "importlib", SimpleNamespace(import_module=planted, util=proofs.importlib.util)
        )

    def bring(self, folder: str, *brought: Proof) -> None:
        self.modules[folder] = SimpleNamespace(prove=lambda policy, now: list(brought))

    def fail(self, folder: str) -> None:
        def prove(policy: Policy, now: datetime) -> list[Proof]:
            raise ValueError(SECRET)

        self.modules[folder] = SimpleNamespace(prove=prove)


@pytest.fixture
def folders(monkeypatch: pytest.MonkeyPatch) -> Folders:
    return Folders(monkeypatch)


def run() -> dict[str, Proof]:
    with entry_point("command", "prove"):
        return {proof.promise_id: proof for proof in proofs.prove_all(NOW)}


def test_every_promise_gets_its_outcome_in_order(folders: Folders) -> None:
    folders.bring("collection", Proof("P04", "kept", "counted", 9, "Nine."),
                  Proof("P02", "broken", "counted", 4, "Four."))  # fmt: skip
    outcomes = run()
    assert list(outcomes) == [promise.id for promise in provable_promises()]
    assert outcomes["P04"].state == "kept" and outcomes["P02"].state == "broken"
    assert outcomes["P05"].figure == proofs.NO_PROOF
    waiting = [promise for promise in provable_promises() if promise.waits]
    assert waiting and all(outcomes[p.id].figure == f"Waits for {p.waits}." for p in waiting)


def test_outcomes_are_kept_and_logged_and_shown(folders: Folders) -> None:
    folders.bring("collection", Proof("P04", "kept", "counted", 9, "N" * 400),
                  Proof("P02", "broken", None, None, "four of nine"))  # fmt: skip
    before = read_version()
    run()
    kept = ProofOutcome.objects.get(promise_id="P04")
    assert (kept.state, kept.kind, kept.population) == ("kept", "counted", 9)
    assert len(kept.figure) == 300 and kept.proven_at == NOW
    assert ProofOutcome.objects.get(promise_id="P02").figure == "Four of nine."
    events = list(LedgerEntry.objects.order_by("index").values_list("event", "facts"))
    assert events == [("PromiseBroken", '{"promise":"P02"}'),
                      ("PromiseProven", '{"population":9,"promise":"P04"}'),
                      ("PromiseProven", '{"population":2,"promise":"P47"}')]  # fmt: skip
    assert verify().ok and read_version() > before
    indexes = ProofOutcome.objects.exclude(entry_index=None).order_by("promise_id")
    assert [(o.promise_id, o.entry_index) for o in indexes] == [("P02", 0), ("P04", 1), ("P47", 2)]


def test_a_proof_that_cannot_run_is_no_verdict(
    folders: Folders, caplog: pytest.LogCaptureFixture
) -> None:
    folders.fail("collection")
    folders.bring("retention", Proof("P05", "kept", "counted", 1, "One."))
    with caplog.at_level(logging.ERROR, "upheld.proofs"):
        outcomes = run()
    assert outcomes["P02"].state == "unproven" and outcomes["P05"].state == "kept"
    assert outcomes["P02"].figure == proofs.COULD_NOT_RUN
    told = " ".join(record.getMessage() for record in caplog.records)
    assert "the proof of collection could not run: ValueError" in told and SECRET not in told


def test_the_second_run_replaces_the_first(folders: Folders) -> None:
    folders.bring("collection", Proof("P04", "kept", "counted", 9, "Nine."))
    run()
    folders.bring("collection", Proof("P04", "broken", "counted", 9, "None."))
    run()
    assert ProofOutcome.objects.get(promise_id="P04").state == "broken"
    assert ProofOutcome.objects.count() == len(provable_promises())


@pytest.mark.usefixtures("open_connection")
def test_each_folder_proves_what_the_list_says_of_it() -> None:
    """Against the real folders: a promise that names a folder gets its proof from there."""
    with entry_point("command", "prove"):
        brought = {
            proof.promise_id: folder
            for folder in proofs.folders_with_proofs()
            for proof in proofs._prove_folder(folder, proofs.current(), NOW) or ()
        }
    expected = {promise.id: promise.by for promise in provable_promises() if promise.by}
    assert brought == expected
