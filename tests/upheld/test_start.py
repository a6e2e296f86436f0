"""What stops a start, and the one line that a start prints."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from upheld import start
from upheld.policy import Finding, current
from upheld.policy.model import Periodic

GOOD_SECRET = "6f1d0c4a9b7e2d35" * 4


def problems(findings: list[Finding]) -> str:
    return "\n".join(str(finding) for finding in findings)


@pytest.mark.parametrize(
    "secret",
    [
        "short",
        "a" * 64,
        "django-insecure-" + GOOD_SECRET,
        "please-change-me-" + GOOD_SECRET,
        "my-secret-key-" + GOOD_SECRET,
    ],
)
def test_a_secret_that_can_be_guessed(settings: Settings, secret: str) -> None:
    settings.SECRET_KEY = secret
    found = start.check_settings()
    assert "SECRET_KEY" in problems(found)
    assert secret not in problems(found)


@pytest.mark.parametrize(
    ("origin", "debug", "refused"),
    [
        ("https://shop.example.com", True, True),
        ("http://127.0.0.1:8000", True, False),
        ("http://[::1]:8000", True, False),
        ("https://shop.example.com", False, False),
        ("https://localhost.example.com", True, True),
        ("", True, True),
    ],
)
def test_debug_pages_in_public(settings: Settings, origin: str, debug: bool, refused: bool) -> None:
    settings.SECRET_KEY, settings.UPHELD_ORIGIN, settings.DEBUG = GOOD_SECRET, origin, debug
    assert ("DEBUG" in problems(start.check_settings())) is refused


def test_an_agreement_that_ran_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = current()
    assert not any("(P19)" in note for note in start.notes())
    gateway = policy.recipients["gateway"]
    assert gateway.agreement is not None
    over = replace(gateway.agreement, expires=date(2026, 3, 1))
    late = replace(policy, recipients={"gateway": replace(gateway, agreement=over)})
    monkeypatch.setattr(start, "current", lambda: late)
    (said,) = [note for note in start.notes() if "(P19)" in note]
    assert "gateway ran out on 2026-03-01" in said


@pytest.mark.parametrize("run", ["upheld.keeping:nothing", "upheld.no_such:act", "upheld:__doc__"])
def test_what_runs_by_itself_must_be_there(run: str) -> None:
    policy = current()
    inventory = replace(
        policy.inventory, periodic={"planted": Periodic("planted", run, 60)}, jobs={"other": run}
    )
    found = problems(start.check_runs(replace(policy, inventory=inventory)))
    assert "[periodic.planted]" in found and "[jobs.other]" in found and run in found
    assert start.check_runs(policy) == []


@pytest.mark.django_db
def test_a_sites_own_findings_are_added() -> None:
    own = Finding("here", None, None, "wrong", "mend")
    assert start.check_all([own])[-1] == own


@pytest.mark.django_db
def test_the_clean_store_starts_with_one_line_in_no_time() -> None:
    assert problems(start.check_all()) == ""
    begin = time.process_time()  # its own work: the machine may be busy with other things
    start.check_all()
    line = start.start_line()
    assert time.process_time() - begin < 0.3
    assert line.startswith(f"Upheld: policy {current().effective}, version 1: ")
    assert "clauses checked." in line
    assert len(line.splitlines()) == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("own_keys")
def test_the_engine_alone_has_its_verbs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("upheld.keeping.acts", tuple)
    for verb, words in (("check", "clauses checked"), ("keep", "kept: {")):
        out = StringIO()
        call_command("upheld", verb, stdout=out)
        assert words in out.getvalue()
    with pytest.raises(CommandError, match="--for PURPOSE"):
        call_command("upheld", "shell")
    for verb in ("export", "erase"):
        with pytest.raises(CommandError, match="whose data"):
            call_command("upheld", verb)
        with pytest.raises(CommandError, match="Nothing is held"):
            call_command("upheld", verb, "nobody@example.com")
    monkeypatch.setattr(
        "upheld.management.commands.upheld.check_all",
        lambda: [Finding("here", 3, "P05", "wrong", "mend")],
    )
    with pytest.raises(CommandError, match="here:3"):
        call_command("upheld", "check", stdout=StringIO())
