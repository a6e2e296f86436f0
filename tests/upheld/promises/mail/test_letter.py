"""No ground, no letter; no letter, no mail."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from tests.upheld.promises.mail.conftest import ANNA, NOW, place_order
from upheld.jobs.models import Job
from upheld.policy import current, install
from upheld.policy.errors import NoProofOfConsent
from upheld.policy.model import Purpose
from upheld.promises import consent
from upheld.promises.mail import Consented, Contract, Letter, OutboxMail, compose, grounds
from upheld.promises.mail.grounds import as_row, stands

pytestmark = [pytest.mark.django_db, pytest.mark.purpose("deliver_order")]
ORDERS = "store_orders_order"


def write(key: str, subject: UUID = ANNA, table: str = ORDERS, kind: str = "receipt") -> Letter:
    return compose(kind, subject=subject, ground=Contract(table, key), now=NOW)


def test_an_order_is_a_ground() -> None:
    order = place_order()
    row = write(str(order.pk)).queue()
    stored = OutboxMail.objects.get()
    assert (stored.kind, stored.subject_id, stored.state) == ("receipt", ANNA, "queued")
    assert (stored.ground_kind, stored.ground_table, stored.ground_key) == (
        "contract",
        ORDERS,
        str(order.pk),
    )
    assert stored.queued_at == NOW and stored.disclosure is None
    assert stored.message_id.endswith("@larkfield.example.com>")
    job = Job.objects.get()
    assert (job.name, job.arguments) == ("send_mail", {"outbox_id": row.pk})


def test_the_outbox_has_no_room_for_an_address() -> None:
    write(str(place_order().pk)).queue()
    row, job = OutboxMail.objects.values().get(), Job.objects.values().get()
    assert "anna" not in f"{row}{job}".lower()


def test_without_its_own_order_there_is_no_letter() -> None:
    order = place_order()
    others = [
        (str(uuid4()), ANNA, ORDERS),  # no such order
        ("not a key", ANNA, ORDERS),
        (str(order.pk), UUID(int=2), ORDERS),  # someone else's
        (str(order.pk), ANNA, "store_catalog_plan"),  # no contract
        (str(order.pk), ANNA, "no_such_table"),
        (str(order.pk), ANNA, "store_orders_ordercontact"),
    ]
    for key, subject, table in others:
        with pytest.raises(NoProofOfConsent) as refusal:
            write(key, subject, table)
        assert refusal.value.clause == "P07" and refusal.value.remedy
    assert not OutboxMail.objects.exists()


def test_only_a_declared_contract_is_one() -> None:
    queued = write(str(place_order().pk)).queue()
    with pytest.raises(NoProofOfConsent):  # a row of her own, of a table that is no contract
        write(str(queued.pk), table="upheld_outbox_mail")


def test_an_undeclared_mail_is_none() -> None:
    order = place_order()
    with pytest.raises(NoProofOfConsent, match="no declared mail"):
        write(str(order.pk), kind="flattery")


def test_a_consent_is_no_ground_for_order_mail() -> None:
    with pytest.raises(NoProofOfConsent):
        compose("receipt", subject=ANNA, ground=Consented("deliver_order"), now=NOW)


@pytest.fixture
def _news(request: pytest.FixtureRequest) -> None:
    """Receipts rest on a consent to `send_news` for the length of a test."""
    held = current()
    news = Purpose("send_news", "P16", "send you news", "consent")
    receipt = dataclasses.replace(held.mails["receipt"], purpose="send_news")
    install(
        dataclasses.replace(
            held,
            purposes={**held.purposes, "send_news": news},
            mails={**held.mails, "receipt": receipt},
        )
    )
    request.addfinalizer(lambda: install(held))


@pytest.mark.usefixtures("_news")
def test_news_need_a_live_consent_and_no_order_will_do() -> None:
    order = place_order()
    with pytest.raises(NoProofOfConsent):
        write(str(order.pk))
    with pytest.raises(NoProofOfConsent):
        compose("receipt", subject=ANNA, ground=Consented("send_news"), now=NOW)
    consent.give(ANNA, purpose="send_news", text="Yes.", method="form", now=NOW)
    row = compose("receipt", subject=ANNA, ground=Consented("send_news"), now=NOW).queue()
    assert (row.ground_kind, row.ground_key) == ("consent", str(ANNA))
    with pytest.raises(NoProofOfConsent):
        compose("receipt", subject=ANNA, ground=Consented("deliver_order"), now=NOW)
    consent.withdraw(ANNA, purpose="send_news", text="No.", method="form", now=NOW)
    with pytest.raises(NoProofOfConsent):
        compose("receipt", subject=ANNA, ground=Consented("send_news"), now=NOW)


@pytest.mark.usefixtures("_news")
def test_a_consent_is_the_ground_of_its_own_person_alone() -> None:
    consent.give(ANNA, purpose="send_news", text="Yes.", method="form", now=NOW)
    row = as_row(Consented("send_news"), ANNA)
    assert stands("receipt", ANNA, row)
    assert not stands("receipt", ANNA, dataclasses.replace(row, key=str(UUID(int=2))))


def test_a_letter_cannot_be_made_by_hand() -> None:
    with pytest.raises(TypeError):
        Letter()  # type: ignore[call-arg]  # the type checker refuses it, too
    with pytest.raises(TypeError, match="made by compose"):
        Letter("receipt")  # type: ignore[arg-type]  # the type checker refuses it, too
    with pytest.raises(AttributeError):
        object.__new__(Letter).kind = "receipt"  # type: ignore[attr-defined]
    with pytest.raises(NoProofOfConsent, match="not made by compose"):
        object.__new__(Letter).queue()


def test_a_copy_is_no_letter_and_a_letter_is_queued_once() -> None:
    letter = write(str(place_order().pk))
    for forged in (copy.copy(letter), copy.deepcopy(letter)):
        with pytest.raises(NoProofOfConsent):
            forged.queue()
    with pytest.raises((TypeError, NoProofOfConsent)):
        pickle.loads(pickle.dumps(letter)).queue()
    letter.queue()
    with pytest.raises(NoProofOfConsent):
        letter.queue()
    assert OutboxMail.objects.count() == 1


def test_a_letter_lives_and_dies_with_what_it_follows_from() -> None:
    order = place_order()
    with transaction.atomic():
        write(str(order.pk)).queue()
        transaction.set_rollback(True)
    assert not OutboxMail.objects.exists() and not Job.objects.exists()


def test_without_the_guard_anything_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the refusals above come from looking for the order."""
    monkeypatch.setattr(grounds, "contract_exists", lambda *args: True)
    assert write(str(uuid4())).queue().pk
