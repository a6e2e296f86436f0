"""Running: once, whoever dies; again, whatever fails; never twice at the same time."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection

import pytest
from django.db import connection, connections

from tests.upheld.jobs import acts
from upheld import jobs
from upheld.jobs import running
from upheld.jobs.models import ATTEMPTS_MAX, Job
from upheld.ledger import LedgerEntry

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ACTS = "tests.upheld.jobs.acts"
FORK = multiprocessing.get_context("fork")

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_keys")]


@pytest.fixture(autouse=True)
def _nothing_seen() -> Iterator[None]:
    acts.SEEN.clear()
    yield
    acts.SEEN.clear()


def run(now: datetime = NOW) -> list[jobs.Ran]:
    return jobs.run_due(lambda: now)


def traces() -> list[int]:
    found = LedgerEntry.objects.filter(event="PromiseProven").order_by("index")
    return [entry.read_facts()["population"] for entry in found]


def test_due_jobs_run_in_order_and_once() -> None:
    for number in (2, 1, 3):
        jobs.enqueue(
            f"{ACTS}:trace", now=NOW, run_at=NOW + timedelta(seconds=number), number=number
        )
    assert run() == []
    later = NOW + timedelta(seconds=2)
    assert [ran.result for ran in run(later)] == [1, 2]
    assert run(later) == [] and traces() == [1, 2]
    job = Job.objects.get(arguments__number=1)
    assert job.done_at == later and job.lease_until is None and job.attempts == 1


def test_the_owners_dotted_name_runs_too() -> None:
    jobs.enqueue(f"{ACTS}.trace", now=NOW, number=5)
    assert [ran.error for ran in run()] == [""] and traces() == [5]


def test_what_fails_leaves_nothing_and_comes_back_later(caplog: pytest.LogCaptureFixture) -> None:
    jobs.enqueue(f"{ACTS}:trace_and_fail", now=NOW, number=1)
    jobs.enqueue(f"{ACTS}:trace", now=NOW, number=2)
    with caplog.at_level(logging.DEBUG):
        assert [ran.error for ran in run()] == ["ConnectionRefusedError", ""]
    assert traces() == [2]
    job = Job.objects.get(done_at=None)
    assert job.error == "ConnectionRefusedError" and "jane" not in caplog.text
    delays = []
    for _ in range(3):
        delays.append((job.run_at - NOW).total_seconds())
        run(job.run_at)
        job.refresh_from_db()
    assert delays[0] == 30 and job.attempts == 4 and job.run_at > NOW + timedelta(seconds=200)


def test_after_so_many_attempts_it_stays_in_sight_and_rests() -> None:
    jobs.enqueue(f"{ACTS}:trace_and_fail", now=NOW, number=1)
    now, began = NOW, NOW
    for _ in range(ATTEMPTS_MAX):
        assert len(run(now)) == 1
        now = Job.objects.get().run_at
    assert run(now + timedelta(days=365)) == []
    assert Job.objects.given_up().get().error == "ConnectionRefusedError"
    assert timedelta(days=3) < now - began < timedelta(days=5)


@pytest.mark.parametrize(
    "name",
    [
        "nobody_declares_this",
        "no.such.module:act",
        f"{ACTS}:nothing",
        f"{ACTS}:NOTHING.here",
        f"{ACTS}:SEEN",
    ],
)
def test_an_unknown_job_is_kept_and_named(name: str) -> None:
    Job.objects.create(name=name, run_at=NOW)
    assert [ran.error for ran in run()] == ["UnknownJob"]
    assert Job.objects.get().error == "UnknownJob"


def test_effect_and_done_share_a_transaction_unless_the_act_commits_itself() -> None:
    jobs.enqueue(f"{ACTS}:look_around_inside", now=NOW)
    jobs.enqueue(f"{ACTS}:look_around", now=NOW, order_id=3)
    jobs.enqueue("beside", now=NOW)
    jobs.run_due(lambda: NOW, more={"beside": f"{ACTS}:look_around_inside"})
    assert acts.SEEN == [(True, None, {}), (False, None, {"order_id": 3}), (False, None, {})]


def test_a_job_holds_the_purpose_that_lists_it() -> None:
    jobs.enqueue("retention", now=NOW)
    jobs.run_due(lambda: NOW, more={})
    assert Job.objects.get().done_at == NOW  # `forget` may count and remove
    Job.objects.create(name="prove", run_at=NOW)
    jobs.run_due(lambda: NOW, more={"prove": f"{ACTS}:look_around"})
    assert acts.SEEN == [(False, None, {})]  # listed by more than one purpose: none to begin with


def test_a_live_lease_is_respected_and_a_dead_one_taken_over() -> None:
    jobs.enqueue(f"{ACTS}:trace", now=NOW, number=1)
    taken = running._claim(NOW)
    assert taken is not None and run(NOW + running.LEASE - timedelta(seconds=1)) == []
    assert [ran.error for ran in run(NOW + running.LEASE)] == [""]
    assert traces() == [1] and Job.objects.get().attempts == 2


def test_a_worker_that_was_only_slow_changes_nothing_any_more() -> None:
    """Fencing: its lease ran out, another did the work, and its own effect is rolled back."""
    jobs.enqueue(f"{ACTS}:trace", now=NOW, number=1)
    slow = running._claim(NOW)
    assert slow is not None
    run(NOW + running.LEASE)
    late = running._run(slow, lambda: NOW + running.LEASE, {})
    assert late.error == "LeaseLost" and traces() == [1]


def test_a_slow_worker_does_not_end_the_run_of_the_one_who_took_over() -> None:
    jobs.enqueue(f"{ACTS}:trace", now=NOW, number=1)
    slow, second = running._claim(NOW), running._claim(NOW + running.LEASE)
    assert slow is not None and second is not None
    assert running._run(slow, lambda: NOW + running.LEASE, {}).error == "LeaseLost"
    assert traces() == [] and Job.objects.get().done_at is None
    assert running._run(second, lambda: NOW + running.LEASE, {}).error == ""
    assert traces() == [1]


def test_it_stops_between_two_jobs_when_told() -> None:
    for number in range(3):
        jobs.enqueue(f"{ACTS}:trace", now=NOW, number=number)
    answers = iter([True, False])
    assert len(jobs.run_due(lambda: NOW, may_go_on=lambda: next(answers))) == 1


def test_looking_at_an_empty_queue_takes_no_write_lock() -> None:
    with connection.execute_wrapper(lambda go, sql, *rest: acts.SEEN.append(sql) or go(sql, *rest)):
        assert run() == []
    assert len(acts.SEEN) == 1 and str(acts.SEEN[0]).startswith("SELECT")


def test_two_workers_at_once_run_each_job_once() -> None:
    for number in range(200):
        jobs.enqueue(f"{ACTS}:trace", now=NOW, number=number)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            run()
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == [] and sorted(traces()) == list(range(200))
    assert not Job.objects.exclude(attempts=1, error="").exists()


def _hold_a_lease_for_ever(ready: Connection) -> None:
    connections.close_all()
    running._claim(NOW)
    ready.send("leased")
    time.sleep(60)


def _die_in_the_middle(ready: Connection) -> None:
    """Killed between the effect and its commit."""
    connections.close_all()
    running._mark_done = lambda job, now: (ready.send("in the middle"), time.sleep(60))
    run()


@pytest.mark.parametrize("worker", [_hold_a_lease_for_ever, _die_in_the_middle])
def test_a_killed_workers_job_is_done_by_the_next(worker: object) -> None:
    jobs.enqueue(f"{ACTS}:trace", now=NOW, number=1)
    connections.close_all()  # the child must not share this one
    ours, theirs = FORK.Pipe()
    child = FORK.Process(target=worker, args=(theirs,))
    child.start()
    assert ours.poll(20) and ours.recv()
    os.kill(child.pid or 0, signal.SIGKILL)
    child.join(20)
    assert child.exitcode == -signal.SIGKILL and traces() == []
    assert run(NOW + timedelta(seconds=1)) == []  # the lease outlives its holder for a while
    assert [ran.error for ran in run(NOW + running.LEASE)] == [""]
    assert traces() == [1] and Job.objects.get().attempts == 2
