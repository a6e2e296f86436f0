"""Putting a job into the queue, in the caller's transaction, and clearing what is long done."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from upheld.db.insertion import insert
from upheld.jobs.models import Job

# What an id looks like: a number, a UUID, a name of our own making. No '@', no space, no sentence.
_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.:-]{0,62}[A-Za-z0-9])?", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9_.:+-]{1,200}", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][\w.]*(?::[A-Za-z_]\w*)?", re.ASCII)
_ID_LENGTH_MAX = 64
# A done row keeps doubles of its key away; nobody doubles an act so much later.
_DONE_KEPT = timedelta(days=7)
_GIVEN_UP_KEPT = timedelta(days=90)


def enqueue(
    name: str,
    *,
    now: datetime,
    key: str | None = None,
    run_at: datetime | None = None,
    **ids: str | int,
) -> None:
    """Add a job to the caller's transaction: it exists exactly if what it follows from does.
    `name` is a job of an inventory or the owner's `module:function`. A second job of the same
    `key` is dropped. Raises `ValueError`, without repeating the value, for anything but ids."""
    _refuse_other_than_ids(name, key, ids)
    job = Job(name=name, arguments=ids, key=key, run_at=run_at or now)
    # One statement, so that two who enqueue at once need no retry.
    insert(job, keep_existing=key is not None)


def prune(now: datetime) -> int:
    """Remove jobs that were done, or given up, long ago. Returns how many."""
    done, _ = Job.objects.filter(done_at__lt=now - _DONE_KEPT).delete()
    given_up, _ = Job.objects.given_up().filter(run_at__lt=now - _GIVEN_UP_KEPT).delete()
    return done + given_up


def _refuse_other_than_ids(name: str, key: str | None, ids: dict[str, str | int]) -> None:
    if not _NAME.fullmatch(name) or len(name) > _ID_LENGTH_MAX * 3:
        raise ValueError("A job's name is that of an inventory's job or module:function.")
    if key is not None and not _KEY.fullmatch(key):
        raise ValueError("A job's key is made of ids and names of our own, 200 letters at most.")
    for argument, value in ids.items():
        if type(value) not in (str, int):  # exactly: a bool is no id
            raise ValueError(f"Argument {argument!r} of a job holds a str or an int.")
        if len(str(value)) > _ID_LENGTH_MAX or not _ID.fullmatch(str(value).removeprefix("-")):
            raise ValueError(f"Argument {argument!r} of a job does not look like an id.")
