"""Which layer of the store spends the processor's time: a profile that says why."""

from __future__ import annotations

import cProfile
import pstats
import re
import time
from collections import Counter
from typing import Any

from bench.figures import Act

# The first that a file's path contains decides.
_LAYERS = (
    ("upheld/db/", "purpose monitor, ready statements"),
    ("upheld/vault/", "sealing"),
    ("cryptography", "sealing"),
    ("upheld/promises/mail/", "the letter, written and handed over"),
    ("/email/", "the letter, written and handed over"),
    ("smtplib", "the letter, written and handed over"),
    ("upheld/promises/disclosure/", "calls of the gateway"),
    ("http/client", "calls of the gateway"),
    ("upheld/jobs/", "jobs"),
    ("upheld/keeping", "jobs"),
    ("upheld/", "other gates, pages from memory"),
    ("upheld_store/", "views, acts and nouns of the store"),
    ("django/db/", "Django: SQL, rows, transactions"),
    ("django/template/", "Django: templates"),
    ("django/forms/", "Django: forms"),
    ("django/", "Django: requests, addresses, the rest"),
    ("allauth/", "Django: requests, addresses, the rest"),
    ("site-packages/", "other libraries"),
)
_DATABASE, _PYTHON = "SQLite itself, writing to disk included", "Python's own library"
_DRIVER = re.compile(r"pysqlite3|DjangoCursor|GuardedCursor")
Function = tuple[str, int, str]


def layers_of(act: Act) -> tuple[str, ...]:
    """The layers by their share of the processor's time in this thread, largest first, with the
    calls of functions, which a busy machine does not change. What is written in C counts for
    whoever called it."""
    profile = cProfile.Profile(time.thread_time)
    profile.runcall(act)
    seconds, calls = _spent(pstats.Stats(profile))
    whole, count = sum(seconds.values()), sum(calls.values())
    rows = [
        f"{layer:42} {part / whole:6.1%} {calls[layer] / count:6.1%} of the calls"
        for layer, part in seconds.most_common()
    ]
    return (*rows, f"{'in all':42} {whole * 1000:,.0f} ms, {count:,} calls")


def _spent(stats: Any) -> tuple[Counter[str], Counter[str]]:
    seconds: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    for function, (_, count, spent, _, callers) in stats.stats.items():
        if function[0] != "~" or _DRIVER.search(function[2]):
            seconds[_layer(function)] += spent
            calls[_layer(function)] += count
            continue
        for caller, (_, counted, part, _) in callers.items():
            seconds[_layer(caller)] += part
            calls[_layer(caller)] += counted
    return seconds, calls


def _layer(function: Function) -> str:
    if function[0] == "~":
        return _DATABASE if _DRIVER.search(function[2]) else _PYTHON
    path = function[0].replace("\\", "/")
    return next((layer for part, layer in _LAYERS if part in path), _PYTHON)
