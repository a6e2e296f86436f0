"""Everything that happens by itself: one table, and the three ways in which it is gone through."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day

from django.db import DatabaseError, close_old_connections, connections, transaction
from django.db.models import Q

from upheld import jobs, ledger
from upheld.db import entry_point
from upheld.jobs.models import Job
from upheld.policy import current
from upheld.promises.notice.taking_up import take_up
from upheld.promises.retention import keep as retention
from upheld.promises.retention.closing import is_closed
from upheld.vault import Clock

_HOUR, _DAY = 3600, 86400
_RETRY_MAX = 60.0
_VALUES_PER_RUN_MAX = 10_000
_log = logging.getLogger("upheld.keeping")


class LedgerBroken(Exception):
    """The log is not what was signed; `upheld prove` says where."""


@dataclass(frozen=True, slots=True)
class Act:
    """Done by one process each `seconds`, as the durable job of its name: `module:function`,
    called with `now`."""

    name: str
    seconds: int
    run: str

    def period(self, now: datetime) -> str:
        """The key of the period that `now` is in, such as `retention:2026-11-23T14`."""
        begin = int(now.timestamp()) // self.seconds * self.seconds
        form = "%Y-%m-%dT%H:%M:%S"
        if self.seconds % 60 == 0:
            form = "%Y-%m-%dT%H:%M" if self.seconds % _HOUR else "%Y-%m-%dT%H"
        return f"{self.name}:{datetime.fromtimestamp(begin, UTC):{form}}"


# Vaults and the queue itself stand outside: every process looks after them, and of two that do
# so at once one has nothing left to do.
VAULTS_SECONDS = 60
QUEUE_SECONDS = 2
TABLE = (
    Act("retention", _HOUR, "upheld.promises.retention.keep:remove_due"),
    Act(
        "prune_connections",
        _DAY,
        "upheld.promises.disclosure.connections:prune_connections",
    ),
    Act("verify_log", _DAY, "upheld.keeping:verify_log"),
    Act("prune_backups", _DAY, "upheld.promises.retention.backups:prune_backups"),
    Act("prune_jobs", _DAY, "upheld.keeping:prune_jobs"),
)


def acts() -> tuple[Act, ...]:
    """The engine's acts, then those of the inventories: their names may not repeat."""
    declared = current().inventory.periodic.values()
    return (*TABLE, *(Act(each.name, each.seconds, each.run) for each in declared))


def before_first_answer(now: datetime) -> None:
    """No key past its period lives when the first request is answered. Raises `KeyStands` where
    one cannot be removed; whatever else fails here is left to the keeper. And which policy this
    process runs by is noted."""
    with entry_point("command", "keep"):
        try:
            retention.destroy_due_vaults(now, _clock_read(now))
            retention.prepare_vaults(now)
        except Exception as error:  # a database that is down must not let a key live
            _log.error("vaults before the first answer: %s", type(error).__name__)
            retention.destroy_due_keys(now)
        try:
            take_up(now)
        except DatabaseError as error:  # noted at the next start
            _log.error(
                "which policy is in force, before the first answer: %s", type(error).__name__
            )


def keep(now: datetime) -> dict[str, int]:
    """Everything that is due, once. What runs hourly or oftener is done whether or not another
    keeper just did it; what is rarer waits for its period. Returns how many of each were done."""
    done: dict[str, int] = {}
    with entry_point("command", "keep"):
        done["vaults"] = _keep_vaults(now)
        _enqueue(
            {
                act.name: f"{act.name}:{now:%Y-%m-%dT%H:%M:%S}"
                if act.seconds <= _HOUR
                else act.period(now)
                for act in acts()
            },
            now,
        )
        for ran in _run_queue(lambda: now, lambda: True):
            name = f"{ran.name}.{ran.error}" if ran.error else ran.name
            done[name] = done.get(name, 0) + 1
            if ran.name == "retention" and isinstance(ran.result, dict):
                done["rows"] = sum(ran.result.values())
    return done


def keep_loop(stop: threading.Event) -> None:
    """For ever, until `stop`. Vaults have a thread of their own: midnight must not wait for a
    mail server. What fails is logged and tried again; nothing ends the loop."""
    vaults = threading.Thread(
        target=_repeat,
        args=(stop, _keep_vaults, VAULTS_SECONDS),
        name="keeper of vaults",
        daemon=True,
    )
    vaults.start()
    _repeat(stop, lambda now: _keep_queue(now, stop), QUEUE_SECONDS)
    vaults.join(timeout=5)


def verify_log(now: datetime) -> int:
    """The act of that name: raises `LedgerBroken` where the log does not verify, so that the job
    stays in sight. Returns the number of entries."""
    outside = ledger.kept_outside()
    found = ledger.verify([outside] if outside else [])
    if not found.ok:
        _log.error("the log is broken at entry %s: %s", found.index, found.problem)
        raise LedgerBroken
    return found.size


def prune_jobs(now: datetime) -> int:
    """The act of that name: clears jobs done long ago."""
    return jobs.prune(now)


def seconds_to_wait(now: datetime, seconds: float) -> float:
    """Until the next round, but never past 00:00 UTC: days end for vaults and for periods."""
    midnight = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time_of_day(), UTC)
    return max(0.0, min(seconds, (midnight - now).total_seconds()))


def _repeat(stop: threading.Event, round_of: Callable[[datetime], object], seconds: float) -> None:
    failures = 0
    try:
        while not stop.is_set():
            now = datetime.now(UTC)
            try:
                close_old_connections()
                if not is_closed():  # half a restored database is nobody's to work on
                    with entry_point("command", "keep"):
                        round_of(now)
                failures = 0
            except Exception as error:
                failures += 1
                _log.error("keeper: %s", type(error).__name__)
            delay = min(seconds * 2 ** min(failures, 10), max(_RETRY_MAX, seconds))
            stop.wait(seconds_to_wait(datetime.now(UTC), delay))
    finally:
        connections.close_all()


def _keep_vaults(now: datetime) -> int:
    """Keys first. The space of what they opened follows, bounded, and goes on next time."""
    destroyed = len(retention.destroy_due_vaults(now, _clock_read(now)))
    retention.prepare_vaults(now)
    retention.reclaim_vaults(_VALUES_PER_RUN_MAX)
    return destroyed


def _keep_queue(now: datetime, stop: threading.Event) -> None:
    _enqueue({act.name: act.period(now) for act in acts()}, now)
    _run_queue(lambda: datetime.now(UTC), lambda: not stop.is_set())


def _run_queue(
    read_now: Callable[[], datetime], may_go_on: Callable[[], bool]
) -> Sequence[jobs.Ran]:
    more = {act.name: act.run for act in acts()}
    return jobs.run_due(read_now, may_go_on=may_go_on, more=more)


def _enqueue(keys: Mapping[str, str], now: datetime) -> None:
    """The job of this period, act by act, if no keeper has put it in yet; an earlier one that
    was left unfinished is overtaken by it. A process that slept finds one period, not all that
    it missed."""
    there = set(Job.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    for name, key in keys.items():
        if key in there:
            continue
        with transaction.atomic():
            unfinished = Job.objects.filter(name=name, key__startswith=f"{name}:", done_at=None)
            free = Q(lease_until=None) | Q(lease_until__lte=now)
            unfinished.filter(free).exclude(key=key).delete()
            jobs.enqueue(name, now=now, key=key)


_clock: list[Clock] = []


def _clock_read(now: datetime) -> Clock:
    """This process's one clock: a jump shows only against its own first reading."""
    boot_seconds = time.clock_gettime(time.CLOCK_BOOTTIME)
    if not _clock:
        _clock.append(Clock(now, boot_seconds))
    _clock[0].read(now, boot_seconds)
    return _clock[0]
