"""What may be put into the queue, and when it is there."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from upheld import jobs
from upheld.jobs.models import ATTEMPTS_MAX, Job

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_it_waits_with_its_ids() -> None:
    order = str(uuid.uuid4())
    jobs.enqueue("send_mail", now=NOW, key=f"order_paid:{order}", order_id=order, copy=3)
    job = Job.objects.get()
    assert (job.name, job.arguments, job.run_at) == (
        "send_mail",
        {"order_id": order, "copy": 3},
        NOW,
    )
    assert job.attempts == 0 and job.done_at is None and job.error == ""


def test_it_exists_exactly_if_what_it_follows_from_does() -> None:
    with transaction.atomic():
        jobs.enqueue("send_mail", now=NOW, order_id=1)
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_a_double_is_dropped_by_its_key() -> None:
    for number in (1, 2):
        jobs.enqueue("send_mail", now=NOW, key="once", number=number)
        jobs.enqueue("send_mail", now=NOW, number=number)
    assert Job.objects.get(key="once").arguments == {"number": 1}
    assert Job.objects.filter(key=None).count() == 2


def test_the_key_of_a_done_job_is_taken_too() -> None:
    jobs.enqueue("send_mail", now=NOW, key="once")
    Job.objects.update(done_at=NOW)
    jobs.enqueue("send_mail", now=NOW, key="once")
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    "value",
    [
        "jane@example.com",
        "Jane Doe",
        "",
        " ",
        "x" * 65,
        "a\n",
        "é",
        "+1 202",
        "<b>",
        "{}",
        True,
        None,
        1.5,
        b"x",
        ["a"],
        {"a": 1},
        uuid.uuid4(),
        NOW,
        10**70,
    ],
)
def test_what_is_no_id_is_refused_and_not_repeated(value: object) -> None:
    with pytest.raises(ValueError, match="Argument 'it'") as refused:
        jobs.enqueue("send_mail", now=NOW, it=value)  # type: ignore[arg-type] - that is the point
    assert str(value).strip() == "" or str(value) not in str(refused.value)
    assert not Job.objects.exists()


@pytest.mark.parametrize("value", [0, -1, 10**18, "a", "ABCDE-FGHJK", "x" * 64, "a.b:c_d-e"])
def test_ids_are_taken(value: str | int) -> None:
    jobs.enqueue("send_mail", now=NOW, it=value)
    assert Job.objects.get().arguments == {"it": value}


@pytest.mark.parametrize("name", ["", "a b", "os.system('x')", "a:b:c", "jane@example.com", "1a"])
def test_a_name_is_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        jobs.enqueue(name, now=NOW)


@pytest.mark.parametrize("key", ["", "jane@example.com", "a b", "x" * 201])
def test_a_key_is_no_address(key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        jobs.enqueue("send_mail", now=NOW, key=key)


def test_done_jobs_go_after_a_week_and_given_up_ones_stay_longer() -> None:
    for number, (done, attempts) in enumerate(
        [(NOW, 1), (None, 0), (None, ATTEMPTS_MAX), (None, ATTEMPTS_MAX - 1)]
    ):
        jobs.enqueue("send_mail", now=NOW, key=f"k{number}")
        Job.objects.filter(key=f"k{number}").update(done_at=done, attempts=attempts)
    assert jobs.prune(NOW + timedelta(days=7)) == 0
    assert jobs.prune(NOW + timedelta(days=8)) == 1
    assert jobs.prune(NOW + timedelta(days=91)) == 1
    assert set(Job.objects.values_list("key", flat=True)) == {"k1", "k3"}
