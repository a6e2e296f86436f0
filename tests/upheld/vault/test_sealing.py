"""Sealing and opening through the one gate, on the real database and a real key folder."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections, transaction

from upheld.db.purpose import purpose, purpose_for_test
from upheld.policy.errors import CardNumberRefused, Expired, UndeclaredPurpose, UnsealedField
from upheld.promises.retention import SealedRef, open_sealed, seal
from upheld.vault import sealing
from upheld.vault.cipher import SealBroken
from upheld.vault.keys import KeyFolder
from upheld.vault.models import SealedValue, VaultDay
from upheld.vault.sealing import VaultKeyLost, VaultShut

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = NOW.date()
LAST = datetime(2027, 1, 21, 23, 59, 59, tzinfo=UTC)
OVER = datetime(2027, 1, 22, tzinfo=UTC)
VALUES = {"payment.card_last4": "4242", "payment.payer_name": "Jane Doe"}

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.purpose("take_payment"),
    pytest.mark.usefixtures("own_keys"),
]


def sealed(values: dict[str, str] = VALUES, row: str = "7", now: datetime = NOW) -> SealedRef:
    return seal(values, table="payments", row=row, day=now.date(), now=now)


def test_what_was_sealed_opens_until_the_last_second() -> None:
    ref = sealed()
    assert ref == SealedRef("payments", "7", DAY)
    assert open_sealed(ref, NOW) == VALUES == open_sealed(ref, LAST)
    assert open_sealed(ref, NOW, ["payment.card_last4"]) == {"payment.card_last4": "4242"}


def test_from_midnight_it_is_refused_though_the_key_still_lies_there(own_keys: KeyFolder) -> None:
    ref = sealed()
    with pytest.raises(Expired):
        open_sealed(ref, OVER)
    assert own_keys.day_key(DAY) is not None


def test_without_the_rule_of_age_it_would_open(monkeypatch: pytest.MonkeyPatch) -> None:
    ref = sealed()
    monkeypatch.setattr(sealing, "is_over", lambda *_: False)
    assert open_sealed(ref, OVER) == VALUES


def test_what_was_reclaimed_is_still_refused_by_age() -> None:
    ref = sealed()
    SealedValue.objects.all().delete()
    with pytest.raises(Expired):
        open_sealed(ref, OVER)


def test_a_reference_with_a_later_day_opens_nothing_old() -> None:
    sealed()
    assert open_sealed(SealedRef("payments", "7", DAY + timedelta(days=30)), OVER) == {}


def test_the_database_alone_holds_noise() -> None:
    sealed()
    for value in SealedValue.objects.all():
        assert b"4242" not in bytes(value.ciphertext) and b"Jane" not in bytes(value.ciphertext)


def test_correcting_a_value_keeps_its_first_day(own_keys: KeyFolder) -> None:
    sealed()
    later = NOW + timedelta(days=59)
    ref = sealed({"payment.payer_name": "Jane Roe"}, now=later)
    assert ref.day == DAY and own_keys.days_on_disk() == [DAY]
    assert open_sealed(ref, later)["payment.payer_name"] == "Jane Roe"
    with pytest.raises(Expired):
        sealed({"payment.payer_name": "Jane Poe"}, now=OVER)


def test_a_later_day_is_refused_and_makes_no_key(own_keys: KeyFolder) -> None:
    with pytest.raises(ValueError, match="later day"), transaction.atomic():
        seal(VALUES, table="payments", row="7", day=DAY + timedelta(days=1), now=NOW)
    assert own_keys.days_on_disk() == [] and not SealedValue.objects.exists()


def test_a_day_that_is_over_or_destroyed_is_refused(own_keys: KeyFolder) -> None:
    with pytest.raises(Expired), transaction.atomic():
        seal(VALUES, table="payments", row="7", day=DAY - timedelta(days=60), now=NOW)
    VaultDay.objects.create(day=DAY, opened_at=NOW, destroyed_at=NOW)
    with pytest.raises(Expired), transaction.atomic():
        sealed()
    assert own_keys.days_on_disk() == []


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("payment.card_last4", "4242424242424242", CardNumberRefused),
        ("payment.payer_name", "4242 4242 4242 4242", CardNumberRefused),
        ("payment.street", "４２４２４２４２４２４２４２４２ Lane", CardNumberRefused),
        ("payment.customer", ";4242424242424242=30121010000000000000?", CardNumberRefused),
        ("payment.card_last4", "123", UnsealedField),
        ("payment.cvc", "123", UnsealedField),
        ("payment.pin", "1234", UnsealedField),
        ("order.email", "a@example.com", UnsealedField),
        ("payment.reference", "pi_123456", UnsealedField),
    ],
)
def test_what_has_no_place_in_a_vault(
    field: str, value: str, error: type[Exception], own_keys: KeyFolder
) -> None:
    with pytest.raises(error) as refused:
        sealed({"payment.card_expiry": "01/27", field: value})
    assert value not in str(refused.value) and field in str(refused.value)
    assert own_keys.days_on_disk() == [] and not SealedValue.objects.exists()


def test_another_purpose_may_neither_seal_nor_open() -> None:
    ref = sealed()
    with purpose("support"):
        for attempt in (
            lambda: open_sealed(ref, NOW),
            lambda: sealed(row="8"),
            lambda: open_sealed(ref, NOW, ["payment.card_last4"]),
        ):
            with pytest.raises(UndeclaredPurpose):
                attempt()
    with purpose("take_payment"), pytest.raises(UndeclaredPurpose):
        open_sealed(ref, NOW, ["order.email"])


def test_a_value_moved_to_another_row_does_not_open() -> None:
    sealed()
    other = sealed({"payment.card_last4": "0005"}, row="8")
    stolen = SealedValue.objects.get(row_key="7", field="payment.card_last4")
    SealedValue.objects.filter(row_key="8").update(ciphertext=stolen.ciphertext)
    with pytest.raises(SealBroken):
        open_sealed(other, NOW)


def test_a_row_dated_anew_does_not_open() -> None:
    """Someone who edits the day in the database lengthens nothing."""
    ref = sealed()
    SealedValue.objects.update(day=DAY + timedelta(days=30))
    with pytest.raises((VaultKeyLost, SealBroken)):
        open_sealed(SealedRef(ref.table, ref.row, DAY + timedelta(days=30)), OVER)


def test_a_lost_key_is_said_and_the_store_still_sells(own_keys: KeyFolder) -> None:
    ref = sealed()
    own_keys.destroy_day(DAY)
    with pytest.raises(VaultKeyLost):
        open_sealed(ref, NOW)
    new = sealed(row="8")
    assert open_sealed(new, NOW) == VALUES
    with pytest.raises(VaultKeyLost):
        open_sealed(ref, NOW)


def test_a_half_written_key_is_lost_and_the_store_still_sells(own_keys: KeyFolder) -> None:
    ref = sealed()
    (own_keys.days / f"{DAY}.key").write_bytes(b"half")
    assert open_sealed(sealed(row="8"), NOW) == VALUES
    with pytest.raises(VaultKeyLost):
        open_sealed(ref, NOW)


def test_a_folder_that_cannot_be_read_is_a_lost_key(own_keys: KeyFolder) -> None:
    ref = sealed()
    own_keys.destroy_day(DAY)
    own_keys.days.rmdir()
    own_keys.days.write_text("")
    with pytest.raises(VaultKeyLost):
        open_sealed(ref, NOW)


def test_where_no_key_can_be_made_the_callers_transaction_goes_on(own_keys: KeyFolder) -> None:
    own_keys.days.rmdir()
    own_keys.days.write_text("")
    with transaction.atomic(), pytest.raises(VaultShut):
        sealed()
    with transaction.atomic():
        with pytest.raises(VaultShut):
            sealed()
        assert not SealedValue.objects.exists()


def test_nothing_to_open_is_an_empty_answer() -> None:
    assert open_sealed(SealedRef("payments", "none", DAY), NOW) == {}


def test_a_seal_that_is_rolled_back_leaves_no_value(own_keys: KeyFolder) -> None:
    with transaction.atomic():
        sealed()
        transaction.set_rollback(True)
    assert not SealedValue.objects.exists() and not VaultDay.objects.exists()
    assert own_keys.days_on_disk() == [DAY]  # its key waits for the keeper like any other


@pytest.mark.django_db(transaction=True)
def test_many_seal_the_first_of_a_day_at_once(own_keys: KeyFolder) -> None:
    failures: list[BaseException] = []

    def seal_one(number: int) -> None:
        try:
            with purpose_for_test("take_payment"):
                sealed(row=str(number))
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=seal_one, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and VaultDay.objects.count() == 1
    refs = [SealedRef("payments", str(n), DAY) for n in range(8)]
    assert [open_sealed(ref, NOW) for ref in refs] == [VALUES] * 8
