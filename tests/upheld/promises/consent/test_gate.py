"""Consent: the last word counts, rows are only added, the exact text is bound in."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from upheld.policy import current, install
from upheld.policy.errors import UndeclaredPurpose
from upheld.policy.model import Purpose
from upheld.promises import consent
from upheld.promises.consent import ConsentRecord

NOW = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)
ANNA = UUID(int=1)
TEXT = "Yes, send me news about the programs I use."

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _news() -> Iterator[None]:
    policy = current()
    news = Purpose("send_news", "P46", "send you news", "consent")
    install(dataclasses.replace(policy, purposes={**policy.purposes, "send_news": news}))
    yield
    install(policy)


def give(subject: UUID = ANNA, text: str = TEXT, now: datetime = NOW) -> ConsentRecord:
    return consent.give(subject, purpose="send_news", text=text, method="newsletter_form", now=now)


def withdraw(subject: UUID = ANNA, now: datetime = NOW) -> ConsentRecord:
    return consent.withdraw(
        subject, purpose="send_news", text="No more news.", method="link", now=now
    )


def test_nobody_has_consented_by_default() -> None:
    assert not consent.live(ANNA, "send_news")


def test_a_record_binds_the_exact_text() -> None:
    record = give()
    stored = ConsentRecord.objects.get(pk=record.pk)
    assert stored.text_hash == hashlib.sha256(TEXT.encode()).hexdigest()
    assert give(text=TEXT + " ").text_hash != stored.text_hash
    assert (stored.action, stored.policy_version) == ("given", current().version)
    assert stored.at == NOW


def test_the_last_word_counts() -> None:
    give()
    assert consent.live(ANNA, "send_news")
    withdraw()
    assert not consent.live(ANNA, "send_news")
    give()
    assert consent.live(ANNA, "send_news")
    assert ConsentRecord.objects.count() == 3


def test_a_clock_set_back_does_not_outlast_a_withdrawal() -> None:
    give(now=NOW)
    withdraw(now=NOW - timedelta(days=1))
    assert not consent.live(ANNA, "send_news")


def test_what_was_live_at_a_moment() -> None:
    give(now=NOW)
    withdraw(now=NOW + timedelta(hours=2))
    assert not consent.live_at(ANNA, "send_news", NOW - timedelta(seconds=1))
    assert consent.live_at(ANNA, "send_news", NOW + timedelta(hours=1))
    assert not consent.live_at(ANNA, "send_news", NOW + timedelta(hours=2))


def test_a_word_binds_one_person_and_one_purpose() -> None:
    give()
    assert not consent.live(UUID(int=2), "send_news")
    assert not consent.live(ANNA, "deliver_order")


@pytest.mark.parametrize("purpose", ["deliver_order", "no_such_purpose"])
def test_only_what_rests_on_consent_can_be_consented_to(purpose: str) -> None:
    with pytest.raises(UndeclaredPurpose, match="does not rest on consent"):
        consent.give(ANNA, purpose=purpose, text=TEXT, method="form", now=NOW)
    assert not ConsentRecord.objects.exists()


@pytest.mark.parametrize("method", ["203.0.113.7", "2001:db8::1", "", "a sentence of words", "é"])
def test_a_method_has_no_room_for_an_address(method: str) -> None:
    with pytest.raises(ValueError, match="method"):
        consent.give(ANNA, purpose="send_news", text=TEXT, method=method, now=NOW)


def test_an_empty_text_is_no_text() -> None:
    with pytest.raises(ValueError, match="text"):
        give(text="  ")


def test_nothing_that_exists_is_touched() -> None:
    record = give()
    record.action = "refused"
    rows = ConsentRecord.objects.all()
    for attempt in (
        record.save,
        record.delete,
        rows.delete,
        lambda: rows.update(action="given"),
        lambda: rows.bulk_update([record], ["action"]),
        lambda: rows.bulk_create([record]),
        lambda: ConsentRecord.objects.create(subject_id=ANNA),
    ):
        with pytest.raises(TypeError, match="never changed"):
            attempt()
    assert ConsentRecord.objects.get().action == "given"
