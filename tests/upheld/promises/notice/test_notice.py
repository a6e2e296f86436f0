"""P49: every rule's contradiction is planted and found, or the proof is broken. P29, P39: a
notice that leaves something out is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from upheld.policy import Policy, current
from upheld.policy.contradictions import RULES, find_contradictions
from upheld.promises.notice.check import check_words as check
from upheld.promises.notice.plants import PLANTS, plant
from upheld.promises.notice.prove import prove_contradictions

DOCS = Path(__file__).resolve().parents[4] / "docs" / "promises" / "notice.md"


@pytest.fixture
def policy() -> Policy:
    return current()


def test_every_planted_contradiction_is_found(policy: Policy) -> None:
    proof = prove_contradictions(policy)
    assert (proof.promise_id, proof.state, proof.kind) == ("P49", "kept", "tested")
    assert proof.population == len(RULES) == len(PLANTS)


@pytest.mark.parametrize("rule", [rule.__name__ for rule in RULES])
def test_without_a_rule_the_proof_is_broken(
    policy: Policy, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = tuple(function for function in RULES if function.__name__ != rule)
    monkeypatch.setattr("upheld.promises.notice.prove.RULES", fewer)
    proof = prove_contradictions(policy)
    assert proof.state == "broken"
    assert proof.figure.startswith(f"1 of {len(RULES)} planted")


def test_without_a_plant_the_proof_is_broken(
    policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(PLANTS, "age_answer_kept")
    assert prove_contradictions(policy).state == "broken"


def test_a_policy_that_contradicts_itself_breaks_the_proof(policy: Policy) -> None:
    proof = prove_contradictions(replace(policy, consent_method="by using this site"))
    assert proof.state == "broken"
    assert proof.figure.endswith("the policy in force has 1.")


@pytest.mark.parametrize("rule", PLANTS)
def test_a_plant_leaves_the_policy_in_force_alone(policy: Policy, rule: str) -> None:
    assert find_contradictions(plant(policy, rule)) != []
    assert find_contradictions(policy) == []


def test_the_demos_notice_is_complete(policy: Policy) -> None:
    assert check(policy) == []


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        ("P29", {"effective date", "review", "changes", "signals"}),
        ("P39", {"site", "postal address", "e-mail", "phone"}),
    ],
)
def test_a_notice_that_says_nothing_is_refused(policy: Policy, clause: str, said: set[str]) -> None:
    silent = replace(policy.clauses[clause], markdown="Nothing.")
    findings = check(replace(policy, clauses={**policy.clauses, clause: silent}))
    assert {finding.clause for finding in findings} == {clause}
    assert all(any(word in f.problem for f in findings) for word in said)
    without = {name: text for name, text in policy.clauses.items() if name != clause}
    assert len(check(replace(policy, clauses=without))) == len(findings)


def test_a_blank_sentence_is_refused(policy: Policy) -> None:
    assert "signals" in check(replace(policy, signals=" "))[0].problem


def test_the_docs_name_every_rule() -> None:
    text = DOCS.read_text("utf-8")
    assert [rule.__name__ for rule in RULES if f"`{rule.__name__}`" not in text] == []
