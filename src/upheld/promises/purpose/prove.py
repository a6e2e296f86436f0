"""Proving that data is used for its purposes alone: every forbidden read is tried for real."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from upheld.db.probe import columns_sampled, is_refused
from upheld.db.rights import Rights
from upheld.policy import Policy
from upheld.promises.proof import Proof

# P13 and P14 name what data may be used for; P44 that every statement is checked.
_BY_CLAUSE = ("P13", "P14")
_NEWS_WAITS_FOR = "letters about an order need that order; news by opt-in waits for the newsletter"


def prove(policy: Policy, now: datetime) -> list[Proof]:
    """P13, P14, P44 by trying; P16 in words. The reads that pass are dropped unseen."""
    proofs = [_tried(clause, _attempts(policy, clause)) for clause in _BY_CLAUSE]
    proofs.append(Proof("P16", "unproven", None, None, _NEWS_WAITS_FOR))
    return [*proofs, _without_copies(policy, _tried("P44", _attempts(policy, None)))]


def _attempts(policy: Policy, clause: str | None) -> list[tuple[str, str, str | None]]:
    """Each (table, column, purpose) that must be refused: under the purposes of `clause`, or
    under none and every purpose."""
    rights = Rights(policy)
    purposes: list[str | None] = [
        name
        for name, purpose in sorted(policy.purposes.items())
        if clause is None or purpose.clause == clause
    ]
    if clause is None:
        purposes.insert(0, None)
    return [
        (table, column, purpose)
        for table, column in rights.personal_columns()
        for purpose in purposes
        if purpose not in rights.readers(table, column)
    ]


def _without_copies(policy: Policy, proof: Proof) -> Proof:
    copied = columns_sampled(policy) if proof.population else []
    if not copied:
        return proof
    figure = f"{proof.figure}; the planner has copied values of {copied[0]} ({len(copied)} such)"
    return replace(proof, state="broken", figure=figure)


def _tried(promise: str, attempts: list[tuple[str, str, str | None]]) -> Proof:
    if not attempts:
        return Proof(promise, "unproven", None, 0, "no column is closed to any of these purposes")
    passed = [attempt for attempt in attempts if not is_refused(*attempt)]
    refused = len(attempts) - len(passed)
    figure = f"{refused} of {len(attempts)} forbidden reads were refused by the database"
    if passed:
        table, column, purpose = passed[0]
        figure += f"; {table}.{column} could be read under {purpose or 'no purpose'}"
    return Proof(promise, "broken" if passed else "kept", "tested", len(attempts), figure)
