"""What the promises page shows: every promise with its state as of now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from upheld.policy import Policy
from upheld.policy.rendering import READING_ORDER
from upheld.web.models import ProofOutcome
from upheld.web.promise_list import Promise, all_promises

# Proofs run daily; two hours are a grace for a slow machine.
OVERDUE_AFTER = timedelta(hours=26)
NEVER_RUN = "No proof has run on this store yet."
STATES = ("kept", "late", "broken", "unproven", "statement")
# A state is a word and a shape, never a color alone.
STATE_WORDS = {
    "kept": ("✓", "kept"),
    "late": ("◷", "late"),
    "broken": ("✗", "broken"),
    "unproven": ("○", "not proven yet"),
    "statement": ("–", "statement only"),
}
SECTION_TITLES = {
    "about": "About this policy",
    "collection": "What we collect",
    "purpose": "What we use it for",
    "retention": "How long we keep it",
    "disclosure": "Who else receives it",
    "cookies": "Cookies",
    "mail": "Mail",
    "consent": "Consent",
    "rights": "Your rights",
    "age": "Children",
    "transport": "Security on the way",
    "links": "Other people's sites",
    "notice": "Changes and questions",
    "evidence": "Evidence",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One promise as the page shows it."""

    promise: Promise
    clause: str
    section: str
    in_policy: bool
    state: str
    proof: str | None
    population: int | None
    figure: str
    proven_at: datetime | None
    entry_index: int | None = None

    @property
    def shape(self) -> str:
        return STATE_WORDS[self.state][0]

    @property
    def word(self) -> str:
        return STATE_WORDS[self.state][1]


def rows(policy: Policy, now: datetime) -> list[Row]:
    """All promises in the order of their numbers, each with its newest outcome judged as of
    `now`."""
    outcomes = {outcome.promise_id: outcome for outcome in ProofOutcome.objects.all()}
    return [_row(promise, outcomes.get(promise.id), policy, now) for promise in all_promises()]


def _row(promise: Promise, outcome: ProofOutcome | None, policy: Policy, now: datetime) -> Row:
    clause = policy.clauses.get(promise.id)
    words = clause.title if clause else promise.says
    section = clause.section if clause else promise.section
    shown = (promise, words, section, clause is not None)
    if promise.statement:
        return Row(*shown, "statement", None, None, "", None)
    if outcome is None:
        return Row(*shown, "unproven", None, None, NEVER_RUN, None)
    state, figure = shown_state(outcome, policy.version, now)
    kind = outcome.kind or None
    found = (outcome.population, figure, outcome.proven_at, outcome.entry_index)
    return Row(*shown, state, kind, *found)


def shown_state(outcome: ProofOutcome, policy_version: int, now: datetime) -> tuple[str, str]:
    """State and figure as of `now`. What was kept turns late by itself once its proof is
    overdue, or is of another version of the policy; red stays red."""
    if outcome.state not in {"kept", "late"}:
        return outcome.state, outcome.figure
    if outcome.policy_version != policy_version:
        return "late", f"Proven of version {outcome.policy_version} only. {outcome.figure}"
    if now - outcome.proven_at > OVERDUE_AFTER:
        return "late", f"The daily proof is overdue. {outcome.figure}"
    return outcome.state, outcome.figure


def by_section(shown: Iterable[Row], policy: Policy) -> list[tuple[str, str, list[Row]]]:
    """(name, title, rows) of each section that has any, in the order a person reads."""
    grouped: dict[str, list[Row]] = {}
    for row in shown:
        grouped.setdefault(row.section, []).append(row)
    order = {name: place for place, name in enumerate([*READING_ORDER, *policy.sections])}
    names = sorted(grouped, key=lambda name: order.get(name, len(order)))
    titles = SECTION_TITLES | dict(policy.sections)
    return [(name, titles.get(name, name.capitalize()), grouped[name]) for name in names]


def counts(shown: Iterable[Row]) -> list[tuple[str, str, str, int]]:
    """(state, shape, word, how many) for every state."""
    states = [row.state for row in shown]
    return [(state, *STATE_WORDS[state], states.count(state)) for state in STATES]


def checked_at(shown: Iterable[Row]) -> datetime | None:
    """When the newest proof ran."""
    return max((row.proven_at for row in shown if row.proven_at), default=None)


def as_json(policy: Policy, shown: list[Row], now: datetime) -> dict[str, Any]:
    """The same for machines, as the contract spells it. Before the first proof, `checked_at` is
    the minute in which that was seen."""
    at = checked_at(shown) or now.replace(second=0, microsecond=0)
    return {
        "policy_version": policy.version,
        "checked_at": _iso(at),
        "promises": [
            {
                "id": row.promise.id,
                "clause": row.clause,
                "state": row.state,
                "proof": row.proof,
                "population": row.population,
                "figure": row.figure,
                "proven_at": _iso(row.proven_at) if row.proven_at else None,
            }
            for row in shown
        ],
    }


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
