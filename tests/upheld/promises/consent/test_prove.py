"""P46: the proof tries the gate, and breaks where the gate does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from upheld.policy import Policy, current, install
from upheld.policy.model import Purpose
from upheld.promises import consent
from upheld.promises.consent import ConsentRecord, prove
from upheld.promises.consent.gate import GIVEN

NOW = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)
NEWS = Purpose("send_news", "P46", "send you news", "consent", ask="Yes, send me news.")

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy() -> Iterator[Policy]:
    before = current()
    install(replace(before, purposes={**before.purposes, "send_news": NEWS}))
    yield current()
    install(before)


def test_nothing_to_ask_is_nothing_proven() -> None:
    before = current()
    unasked = {n: p for n, p in before.purposes.items() if p.basis != "consent"}
    install(replace(before, purposes=unasked))
    try:
        assert prove.prove(current(), NOW)[0].state == "unproven"
    finally:
        install(before)


def test_kept(policy: Policy) -> None:
    text = consent.question("send_news").text
    consent.give(UUID(int=1), purpose="send_news", text=text, method="form", now=NOW)
    (proof,) = prove.prove(policy, NOW)
    assert (proof.state, proof.population) == ("kept", 1 + len(consent.questions()))
    assert ConsentRecord.objects.count() == 1


def broken(policy: Policy) -> str:
    (proof,) = prove.prove(policy, NOW)
    assert proof.state == "broken"
    return proof.figure


def test_a_withdrawal_that_does_nothing(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove, "take_back", lambda *args, **options: None)
    assert "outlived its withdrawal" in broken(policy)


def test_a_gate_that_takes_any_words(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "upheld.promises.consent.gate.answered",
        lambda token, purpose: consent.question(purpose),
    )
    assert "words that are not shown" in broken(policy)


def test_a_consent_by_default(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove, "live", lambda subject, purpose: True)
    assert broken(policy)


def test_a_record_without_words(policy: Policy) -> None:
    row = ConsentRecord(
        subject_id=UUID(int=1),
        purpose="send_news",
        action=GIVEN,
        text_hash="none",
        policy_version=1,
        method="form",
        at=NOW,
    )
    row.save_base(force_insert=True)
    assert "1 records" in broken(policy)
