"""What every start checks: could this code, on this database, break the policy? And the
application that is served only where it could not."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

from django.conf import settings

from upheld import keeping, promises
from upheld.policy import Finding, Policy, PolicyInvalid, chosen, current
from upheld.promises.disclosure.agreements import standings
from upheld.web.content import read_version
from upheld.web.last_resort import LastResort
from upheld.web.memory import ServeFromMemory

_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_SECRET_LENGTH_MIN = 32
_SECRET_LETTERS_MIN = 10
# What `django-admin startproject` writes, and what people write instead.
_SECRET_MARKS = ("django-insecure", "change", "secret", "example")


def check_all(also: Iterable[Finding] = ()) -> list[Finding]:
    """The settings, what runs by itself, then every promise's own check in the order of their
    names; `also` is what a site found itself. An empty list may start."""
    policy = current()
    findings = [*check_settings(), *check_runs(policy)]
    for name in promise_names():
        if importlib.util.find_spec(f"upheld.promises.{name}.check"):
            findings += importlib.import_module(f"upheld.promises.{name}.check").check(policy)
    return [*findings, *also]


def checked(
    application: WSGIApplication, find: Callable[[], list[Finding]] = check_all
) -> WSGIApplication:
    """What a server of a site serves, however it was started: `application` behind the pages from
    memory, once what is due is destroyed. Raises `PolicyInvalid` with whatever `find` returns, so
    code that could break the policy is not served."""
    # A request cannot arrive earlier than this.
    keeping.before_first_answer(datetime.now(UTC))
    if findings := find():
        raise PolicyInvalid(findings)
    return LastResort(ServeFromMemory(application, read_version))


def check_settings() -> list[Finding]:
    """Django's settings that would undo promises: a guessable secret key, debug pages in public."""
    findings = []
    secret = str(settings.SECRET_KEY)
    marked = any(mark in secret.lower() for mark in _SECRET_MARKS)
    if marked or len(secret) < _SECRET_LENGTH_MIN or len(set(secret)) < _SECRET_LETTERS_MIN:
        findings.append(
            _finding(
                "SECRET_KEY",
                "P17",
                "It can be guessed, and whoever knows it can sign cookies.",
                "Take it from the key folder: upheld.vault.keys.read_secret_key makes one.",
            )
        )
    host = urlsplit(str(settings.UPHELD_ORIGIN)).hostname
    if settings.DEBUG and host not in _LOOPBACK_HOSTS:
        findings.append(
            _finding(
                "DEBUG",
                "P17",
                f"Debug pages would show customers' data to anyone at {host}.",
                "Set DEBUG = False wherever the origin is public.",
            )
        )
    return findings


def check_runs(policy: Policy) -> list[Finding]:
    """A job or a periodic act that cannot be called would fail only once it is due."""
    findings = []
    runs = {f"periodic.{each.name}": each.run for each in policy.inventory.periodic.values()}
    runs |= {f"jobs.{name}": run for name, run in policy.inventory.jobs.items()}
    for section, run in sorted(runs.items()):
        if not _is_callable(run):
            findings.append(
                _finding(
                    f"inventory.toml, [{section}]",
                    None,
                    f"There is no {run} to call.",
                    "Name an existing module:function, or take the section out.",
                )
            )
    return findings


def promise_names() -> list[str]:
    """The folders of `upheld/promises`."""
    return sorted(module.name for module in pkgutil.iter_modules(promises.__path__) if module.ispkg)


def start_line() -> str:
    """The one line a start prints, and what must be said beside it."""
    policy = current()
    stored = sum(field.stored for field in policy.fields.values())
    line = (
        f"Upheld: policy {policy.effective}, version {policy.version}: {stored} fields, "
        f"{len(policy.purposes)} purposes, {len(policy.recipients)} recipients, "
        f"{len(policy.cookies)} cookies, {len(policy.inventory.tables)} tables, "
        f"{len(policy.clauses)} clauses checked."
    )
    return "\n".join([line, *notes()])


def notes() -> list[str]:
    """What is no reason to refuse a start but must be said."""
    today = datetime.now(UTC).date()
    return [*_runs_by_another(), *_agreements_over(today)]


def _runs_by_another() -> list[str]:
    found = chosen()
    running, on_disk = found.policy.version, found.disk.version
    if running == on_disk or found.findings:
        return []
    return [
        f"Note (P38): version {on_disk} is posted and not in force yet, so version {running} runs, "
        "from its frozen folder. /privacy/changes/ says from when."
    ]


def _agreements_over(today: date) -> list[str]:
    found = []
    for each in standings(current(), today):
        recipient, agreement = each.recipient, each.recipient.agreement
        if agreement and each.standing == "ran out":
            what = f"ran out on {agreement.expires}, so nothing is sent to it"
        elif agreement and each.standing == "runs out soon":
            what = f"runs out on {agreement.expires}; from then on nothing is sent to it"
        else:
            continue
        found.append(
            f"Note ({recipient.clause}): the agreement with {recipient.name} {what}. Renew it in "
            "policy.toml."
        )
    return found


def _is_callable(run: str) -> bool:
    module, _, function = run.partition(":")
    try:
        return callable(getattr(importlib.import_module(module), function, None))
    except ImportError:
        return False


def _finding(place: str, clause: str | None, problem: str, remedy: str) -> Finding:
    return Finding(file=place, line=None, clause=clause, problem=problem, remedy=remedy)
