"""Running what is due: claimed in one transaction, effect and done together in a second one."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection, transaction

from upheld.db import entry_point
from upheld.db.prepared import Asked, Prepared, PreparedChange
from upheld.jobs.models import ATTEMPTS_MAX, Job
from upheld.policy import current

# A worker that was killed is believed dead after this long; a living one takes less.
LEASE = timedelta(minutes=5)
_BACK_OFF_FIRST = timedelta(seconds=30)
_BACK_OFF_MAX = timedelta(hours=4)
_COMMITS_ITSELF = "upheld_commits_itself"
_log = logging.getLogger("upheld.jobs")
_Act = TypeVar("_Act", bound=Callable[..., Any])


_ANY_DUE = Prepared(lambda: Job.objects.due(Asked("now")).order_by().values_list("pk")[:1])
_FIRST_DUE = Prepared(
    lambda: Job.objects.select_for_update(
        skip_locked=connection.features.has_select_for_update_skip_locked
    ).due(Asked("now"))[:1]
)


_TAKE = PreparedChange(
    lambda: Job.objects.filter(pk=Asked("pk")),
    lease_until=Asked("until"),
    attempts=Asked("attempts"),
    error=Asked("error"),
)
_MARK_DONE = PreparedChange(
    lambda: Job.objects.filter(pk=Asked("pk"), attempts=Asked("attempts"), done_at=None),
    done_at=Asked("now"),
    lease_until=None,
    error="",
)


class UnknownJob(Exception):
    """No inventory declares this name, or what it names cannot be imported."""


class LeaseLost(Exception):
    """The lease ran out while the job ran and another worker took it: this run does not count."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of one job; `error` is the code of what went wrong, or ''."""

    name: str
    error: str
    result: object = None


def own_transactions(act: _Act) -> _Act:
    """Mark an act that commits by itself, because it waits for a network or works in batches.
    Such an act may run again after a crash, and must be harmless when repeated."""
    setattr(act, _COMMITS_ITSELF, True)
    return act


def run_due(
    read_now: Callable[[], datetime],
    *,
    may_go_on: Callable[[], bool] = lambda: True,
    more: Mapping[str, str] | None = None,
) -> list[Ran]:
    """Run every due job, one after the other, until none is left or `may_go_on` says no. `more`
    are acts beside the inventories' jobs, name → `module:function`; they commit by themselves.
    A job that fails is put back with a growing delay and never stops the rest. Call it outside
    any transaction."""
    ran: list[Ran] = []
    while may_go_on():
        job = _claim(read_now())
        if job is None:
            break
        ran.append(_run(job, read_now, more or {}))
    return ran


def _claim(now: datetime) -> Job | None:
    """Lease the oldest due job. Looks before it takes the write lock: mostly there is none."""
    if not _ANY_DUE.rows(now=now):
        return None
    with transaction.atomic():
        job = _FIRST_DUE.first(now=now)
        if job is None:
            return None
        if job.lease_until is not None:
            _log.warning("job %s: the lease of another run has run out", job)
            job.error = "LeaseRanOut"
        job.lease_until = now + LEASE
        job.attempts += 1
        _TAKE.run(pk=job.pk, until=job.lease_until, attempts=job.attempts, error=job.error)
    return job


def _run(job: Job, read_now: Callable[[], datetime], more: Mapping[str, str]) -> Ran:
    try:
        with entry_point("job", job.name):
            act = _resolve(job.name, more)
            commits = job.name in more or getattr(act, _COMMITS_ITSELF, False)
            result = _effect_and_done(job, act, read_now, commits_itself=commits)
    except LeaseLost:
        _log.warning("job %s: another worker took it over", job)
        return Ran(job.name, "LeaseLost")
    except Exception as error:  # whatever it is, the job is put back
        code = type(error).__name__
        _put_back(job, code, read_now())
        return Ran(job.name, code)
    return Ran(job.name, "", result)


def _effect_and_done(
    job: Job,
    act: Callable[..., object],
    read_now: Callable[[], datetime],
    *,
    commits_itself: bool,
) -> object:
    if commits_itself:
        result = act(now=read_now(), **job.arguments)
        _mark_done(job, read_now())
        return result
    with transaction.atomic():
        result = act(now=read_now(), **job.arguments)
        _mark_done(job, read_now())
    return result


def _mark_done(job: Job, now: datetime) -> None:
    """The number of attempts is the fence: whoever took the job over has raised it."""
    if not _MARK_DONE.run(pk=job.pk, attempts=job.attempts, now=now):
        raise LeaseLost


def _put_back(job: Job, code: str, now: datetime) -> None:
    """The name of the error is kept, never its text: that could carry a value."""
    delay = min(_BACK_OFF_FIRST * 2 ** (job.attempts - 1), _BACK_OFF_MAX)
    given_up = job.attempts >= ATTEMPTS_MAX
    _log.warning("job %s: %s%s", job, code, ", given up" if given_up else "")
    mine = Job.objects.filter(pk=job.pk, attempts=job.attempts, done_at=None)
    mine.update(error=code[:200], lease_until=None, run_at=now + delay)


def _resolve(name: str, more: Mapping[str, str]) -> Callable[..., object]:
    target = current().inventory.jobs.get(name) or more.get(name) or name
    module, colon, function = target.partition(":")
    if not colon:
        module, _, function = target.rpartition(".")
    try:
        act = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise UnknownJob(name) from error
    if not callable(act):
        raise UnknownJob(name)
    found: Callable[..., object] = act
    return found
