"""The job: sent once, tried again, dropped without a ground, refused for good."""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from tests.upheld.promises.mail.conftest import (
    ANNA,
    NOW,
    Caught,
    Words,
    catching,
    free_port,
    place_order,
)
from upheld import ledger
from upheld.db import entry_point, purpose
from upheld.jobs import run_due
from upheld.jobs.models import Job
from upheld.ledger.events import DataRemoved
from upheld.policy.errors import UndeclaredDisclosure
from upheld.promises.disclosure import Disclosure, gate
from upheld.promises.mail import Contract, OutboxMail, SentMail, compose, grounds, sending
from upheld.promises.mail.relay import RelayFailed
from upheld.promises.mail.sending import StillSending, send_mail
from upheld_store.orders.models import Order, OrderContact

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.purpose("deliver_order"),
    pytest.mark.usefixtures("words"),
]


def queue() -> OutboxMail:
    order = place_order()
    ground = Contract("store_orders_order", str(order.pk))
    return compose("receipt", subject=ANNA, ground=ground, now=NOW).queue()


def run_jobs(now: datetime = NOW) -> list[str]:
    """The error codes of what ran; '' is success."""
    return [ran.error for ran in run_due(lambda: now)]


def later(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_a_letter_is_sent_once_and_leaves_no_words(relay: Caught) -> None:
    row = queue()
    assert run_jobs() == [""]
    assert run_jobs(later(60)) == []
    (message,) = relay.messages
    assert message["X-Upheld-Mail"] == "receipt" and message["Message-ID"] == row.message_id
    assert message["To"] == "anna@example.com" and message["Auto-Submitted"] == "auto-generated"
    assert message["From"] == "Larkfield Software <privacy@larkfield.example.com>"
    assert message["X-Upheld-Checkpoint"] is None, "there is no log yet"
    assert not OutboxMail.objects.exists()
    sent = SentMail.objects.get()
    assert (sent.kind, sent.ground_key, sent.sent_at) == ("receipt", row.ground_key, NOW)
    assert sent.message_id == row.message_id and sent.subject_id == ANNA


def test_a_letter_carries_the_newest_checkpoint(relay: Caught) -> None:
    with transaction.atomic():
        ledger.append(DataRemoved("a_table", 1), NOW)
    queue()
    run_jobs()
    (message,) = relay.messages
    note = base64.b64decode("".join(message["X-Upheld-Checkpoint"].split()))
    newest = ledger.newest_checkpoint()
    assert newest is not None and ledger.read_checkpoint(note) == newest and newest.size == 1


def test_the_relay_is_a_recipient_like_any_other(relay: Caught) -> None:
    queue()
    run_jobs()
    listed = Disclosure.objects.get()
    assert (listed.recipient, listed.purpose) == ("mail_relay", "deliver_order")
    assert listed.fields == ["order.email", "order.name", "order.page_link"]
    assert listed.subject_id == ANNA


def test_the_mark_and_the_disclosure_are_there_before_the_words_leave(relay: Caught) -> None:
    seen = []

    def look() -> None:
        seen.append((OutboxMail.objects.get().state, Disclosure.objects.count()))

    relay.before_answer = lambda: in_threads(1, look)
    queue()
    run_jobs()
    assert seen == [("sending", 1)]


def test_a_dead_relay_loses_nothing(settings: Settings) -> None:
    port, caught = free_port(), Caught()
    settings.UPHELD_SMTP_URL = f"smtp://127.0.0.1:{port}"
    row = queue()
    assert run_jobs() == ["RelayFailed"]
    assert run_jobs(later(10)) == ["RelayFailed"]
    assert OutboxMail.objects.get().state == "queued"
    with catching(caught, port):
        assert run_jobs(later(60)) == [""]
    assert [message["Message-ID"] for message in caught.messages] == [row.message_id]
    # Tried three times, disclosed once.
    assert Disclosure.objects.count() == 1


def test_a_crash_after_the_mark_sends_the_same_message_again(
    relay: Caught, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = queue()

    def killed(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sending, "_note_sent", killed)
        with pytest.raises(KeyboardInterrupt):
            send_mail(row.pk, NOW)
    assert OutboxMail.objects.get().state == "sending"
    with pytest.raises(StillSending):
        send_mail(row.pk, later(1))
    send_mail(row.pk, later(6))
    first, second = relay.messages
    assert first["Message-ID"] == second["Message-ID"] == row.message_id
    assert SentMail.objects.count() == 1 and not OutboxMail.objects.exists()


def test_an_order_erased_before_sending_takes_its_letter_with_it(relay: Caught) -> None:
    queue()
    with purpose("forget"):
        Order.objects.all().delete()
    assert run_jobs() == [""]
    assert relay.messages == [] and not OutboxMail.objects.exists()
    assert not SentMail.objects.exists() and not Disclosure.objects.exists()


def test_an_address_erased_before_sending_takes_its_letter_with_it(
    relay: Caught, words: Words
) -> None:
    queue()

    def gone(key: str) -> None:
        raise OrderContact.DoesNotExist

    words.during = gone
    assert run_jobs() == [""]
    assert relay.messages == [] and not OutboxMail.objects.exists()


def test_a_ground_that_goes_between_two_tries_is_missed(settings: Settings) -> None:
    port, caught = free_port(), Caught()
    settings.UPHELD_SMTP_URL = f"smtp://127.0.0.1:{port}"
    queue()
    run_jobs()
    OutboxMail.objects.update(ground_key=str(uuid4()))
    with catching(caught, port):
        assert run_jobs(later(10)) == [""]
    assert caught.messages == [] and not OutboxMail.objects.exists()


def test_without_the_second_look_it_would_be_sent(
    relay: Caught, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control of the three tests above."""
    row = queue()
    OutboxMail.objects.update(ground_key=str(uuid4()))
    monkeypatch.setattr(grounds, "contract_exists", lambda *args: True)
    send_mail(row.pk, NOW)
    assert len(relay.messages) == 1


@pytest.mark.parametrize(
    ("recipient", "data", "code"), [("550 no", "250 OK", 550), ("250 OK", "554 no", 554)]
)
def test_what_the_relay_will_never_take_stays_visible_and_rests(
    relay: Caught, recipient: str, data: str, code: int
) -> None:
    relay.answer_recipient, relay.answer_data = recipient, data
    queue()
    assert run_jobs() == [""]
    row = OutboxMail.objects.get()
    assert (row.state, row.refused_code) == ("refused", code)
    relay.answer_recipient = relay.answer_data = "250 OK"
    assert run_jobs(later(600)) == []
    send_mail(row.pk, later(600))
    assert relay.messages == [] and not SentMail.objects.exists()


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("anna@example.com\r\nBcc: eve@example.com", "Your order"),
        ("anna@example.com, eve@example.com", "Your order"),
        ("anna@example.com", "Your order\r\nBcc: eve@example.com"),
    ],
)
def test_an_injected_header_is_refused_and_not_sent(
    relay: Caught, words: Words, caplog: pytest.LogCaptureFixture, to: str, subject: str
) -> None:
    words.to, words.subject = to, subject
    queue()
    with caplog.at_level(logging.DEBUG):
        assert run_jobs() == [""]
    row = OutboxMail.objects.get()
    assert (row.state, row.refused_code) == ("refused", None)
    ours = "".join(r.getMessage() for r in caplog.records if r.name != "mail.log")
    assert relay.messages == [] and "refused for good" in ours and "example.com" not in ours


def test_nothing_that_goes_wrong_tells_an_address(
    relay: Caught, caplog: pytest.LogCaptureFixture
) -> None:
    relay.answer_recipient = "450 anna@example.com is busy"
    row = queue()
    with caplog.at_level(logging.DEBUG):
        run_jobs()
        with pytest.raises(RelayFailed) as failure:
            send_mail(row.pk, later(1))
    relay.answer_recipient = "550 anna@example.com is unknown"
    with caplog.at_level(logging.DEBUG):
        run_jobs(later(60))
    # The practice relay's own log is not ours.
    ours = "".join(r.getMessage() for r in caplog.records if r.name != "mail.log")
    assert "refused for good" in ours
    assert "anna" not in ours + str(failure.value) + Job.objects.get().error


def in_threads(count: int, act: Callable[[], None]) -> None:
    def run() -> None:
        try:
            with entry_point("job", "send_mail"):
                act()
        except StillSending:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_workers_at_once_send_one_mail(relay: Caught) -> None:
    relay.wait_seconds = 0.2
    row = queue()
    in_threads(4, lambda: send_mail(row.pk, NOW))
    assert len(relay.messages) == 1
    assert SentMail.objects.count() == 1 and not OutboxMail.objects.exists()


def test_without_the_mark_they_would_send_more(
    relay: Caught, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control."""
    monkeypatch.setattr(sending, "SENDING_SECONDS_MAX", 0)
    relay.wait_seconds = 0.2
    row = queue()
    in_threads(4, lambda: send_mail(row.pk, NOW))
    assert len(relay.messages) > 1


def test_an_agreement_that_ran_out_keeps_the_letter_here(relay: Caught, settings: Settings) -> None:
    row = queue()
    settings.UPHELD_SMTP_URL = f"smtp://127.0.0.1:{free_port()}"
    run_jobs()
    settings.UPHELD_SMTP_URL = relay.url
    after = datetime.fromisoformat("2028-01-16T00:00:00+00:00")
    with pytest.raises(UndeclaredDisclosure, match="agreement until 2028-01-15"):
        send_mail(row.pk, after)
    assert relay.messages == [] and OutboxMail.objects.get().state == "queued"


def test_a_mail_that_the_policy_no_longer_names_is_dropped(relay: Caught) -> None:
    row = queue()
    OutboxMail.objects.update(kind="flattery")
    send_mail(row.pk, NOW)
    assert relay.messages == [] and not OutboxMail.objects.exists()


def test_only_the_gate_opens_the_relay(relay: Caught, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy that lets the relay have nothing for this purpose lets no letter out."""
    row = queue()

    def nothing(*args: object, **kwargs: object) -> None:
        raise gate.UndeclaredDisclosure(clause="P24", field="mail_relay", remedy="none")

    monkeypatch.setattr(gate, "refuse_undeclared", nothing)
    with pytest.raises(UndeclaredDisclosure):
        send_mail(row.pk, NOW)
    assert relay.messages == []
