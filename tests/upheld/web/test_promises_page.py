"""The promises page tells the state as it is now, also when nobody proves any more."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from upheld.policy import current, install
from upheld.promises.proof import Proof
from upheld.web import promise_page, views
from upheld.web.models import ProofOutcome
from upheld.web.promise_list import all_promises, provable_promises
from upheld.web.proofs import keep_outcomes
from upheld.web.prove_log import LOG_PROMISE

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
STATEMENTS = {"P01", "P03", "P08", "P34", "P35", "P37"}
WAITING = {"P22", "P25", "P26", "P27", "P28", "P39", "P48"}


def prove(promise_id: str, state: Any, at: datetime = NOW) -> None:
    version = current().version
    keep_outcomes([Proof(promise_id, state, "counted", 7, "Seven of seven.")], version, at)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Moves the clock of the views."""

    def moved(now: datetime) -> Client:
        monkeypatch.setattr(views.timezone, "now", lambda: now)
        return Client(HTTP_HOST="127.0.0.1:8000")

    yield moved


def row(client: Client, promise_id: str) -> dict[str, Any]:
    told = json.loads(client.get("/privacy/promises.json").content)
    found: dict[str, Any] = next(r for r in told["promises"] if r["id"] == promise_id)
    return found


def test_all_fifty_stand_there_in_order(at: Any) -> None:
    told = json.loads(at(NOW).get("/privacy/promises.json").content)
    assert set(told) == {"policy_version", "checked_at", "promises"}
    assert told["policy_version"] == current().version
    assert datetime.fromisoformat(told["checked_at"]).tzinfo is not None
    assert [r["id"] for r in told["promises"]] == [f"P{n:02}" for n in range(1, 51)]
    keys = {"id", "clause", "state", "proof", "population", "figure", "proven_at"}
    assert all(set(r) == keys and r["clause"] for r in told["promises"])
    assert {r["id"] for r in told["promises"] if r["state"] == "statement"} == STATEMENTS


def test_nothing_is_green_before_it_was_proven(at: Any) -> None:
    told = json.loads(at(NOW).get("/privacy/promises.json").content)
    states = {r["state"] for r in told["promises"] if r["id"] not in STATEMENTS}
    assert states == {"unproven"}


def test_a_fresh_proof_is_shown_with_its_figure(at: Any) -> None:
    prove("P02", "kept")
    assert row(at(NOW), "P02") == {
        "id": "P02", "clause": current().clauses["P02"].title, "state": "kept",
        "proof": "counted", "population": 7, "figure": "Seven of seven.",
        "proven_at": "2026-11-23T12:00:00+00:00",
    }  # fmt: skip


def test_an_overdue_proof_turns_late_by_itself(at: Any) -> None:
    prove("P02", "kept")
    assert row(at(NOW + timedelta(hours=26)), "P02")["state"] == "kept"
    late = row(at(NOW + timedelta(hours=26, seconds=1)), "P02")
    assert late["state"] == "late" and late["figure"].startswith("The daily proof is overdue.")


def test_a_proof_of_another_version_is_late(at: Any) -> None:
    prove("P02", "kept")
    before = current()
    install(replace(before, version=before.version + 1))
    try:
        late = row(at(NOW), "P02")
    finally:
        install(before)
    assert late["state"] == "late" and "Proven of version 1 only." in late["figure"]


@pytest.mark.parametrize("state", ["broken", "unproven", "late"])
def test_what_is_not_green_stays_so(at: Any, state: str) -> None:
    prove("P02", state)
    assert row(at(NOW), "P02")["state"] == state
    assert row(at(NOW + timedelta(days=9)), "P02")["state"] == state


def test_a_state_is_words_and_a_shape(at: Any) -> None:
    prove("P02", "kept")
    prove("P04", "broken")
    page = at(NOW).get("/privacy/promises/").content.decode()
    for promise_id, state, shape, word in (
        ("P02", "kept", "✓", "Kept"), ("P04", "broken", "✗", "Broken"),
        ("P05", "unproven", "○", "Not proven yet"), ("P01", "statement", "–", "Statement only"),
    ):  # fmt: skip
        part = page[page.index(f'id="{promise_id}"') :]
        part = part[: part.index("</article>")]
        assert f"state-{state}" in part and shape in part and word in part
    assert "Counted over 7" in page


def test_the_page_counts_and_says_what_it_cannot_do(at: Any) -> None:
    prove("P02", "kept")
    page = at(NOW).get("/privacy/promises/").content.decode()
    numbers = re.findall(r"<strong>(\d+)</strong>", page)
    assert sum(map(int, numbers)) == 50 and "1" in numbers and "6" in numbers
    assert "an operator who rewrites the program" in page
    assert "A log proves that nothing was rewritten, not that it was true." in page
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1 and all(b - a <= 1 for a, b in itertools.pairwise(levels))
    assert "style=" not in page and "<script" not in page


def test_a_new_outcome_is_a_new_version_of_the_page() -> None:
    before = promise_page.checked_at(promise_page.rows(current(), NOW))
    prove("P02", "kept")
    after = promise_page.checked_at(promise_page.rows(current(), NOW))
    assert before is None and after == NOW


def test_every_promise_says_who_proves_it_or_what_it_waits_for() -> None:
    assert {p.id for p in all_promises() if p.statement} == STATEMENTS
    for promise in provable_promises():
        assert promise.how and (promise.by or promise.waits or promise.id == LOG_PROMISE)
    assert {p.id for p in provable_promises() if not p.by and p.waits} == WAITING


def test_outcomes_of_promises_nobody_knows_do_not_show() -> None:
    ProofOutcome.objects.create(
        promise_id="P99", state="kept", figure="", proven_at=NOW, policy_version=1
    )
    assert len(promise_page.rows(current(), NOW)) == 50
