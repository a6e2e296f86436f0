"""What the notice promises, tried. P49: plants each contradiction in a copy of the policy and
counts how many are found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from upheld.policy import Policy
from upheld.policy.contradictions import RULES, Rule, find_contradictions
from upheld.promises.notice.plants import PLANTS, plant
from upheld.promises.notice.prove_posted import (
    prove_archive,
    prove_notice,
    prove_terms,
    prove_vocabularies,
)
from upheld.promises.proof import Proof


def prove(policy: Policy, now: datetime) -> list[Proof]:
    """What the notice says (P29), what was said (P38), the terms (P36), no contradictions (P49),
    and what programs read (P50)."""
    return [
        prove_notice(policy),
        *prove_terms(),
        prove_archive(policy, now),
        prove_contradictions(policy),
        prove_vocabularies(policy),
    ]


def prove_contradictions(policy: Policy) -> Proof:
    """P49. A rule without a plant, or a plant whose rule is gone, breaks the proof as a missed
    contradiction does."""
    standing = find_contradictions(policy)
    rules = {rule.__name__: rule for rule in RULES}
    names = sorted(PLANTS.keys() | rules.keys())
    missed = [name for name in names if not _is_found(policy, name, rules)]
    if standing or missed:
        figure = (
            f"{len(missed)} of {len(names)} planted contradictions were missed; "
            f"the policy in force has {len(standing)}."
        )
        return Proof("P49", "broken", "tested", len(names), figure)
    figure = f"All {len(names)} planted contradictions were found; the policy in force has none."
    return Proof("P49", "kept", "tested", len(names), figure)


def _is_found(policy: Policy, name: str, rules: Mapping[str, Rule]) -> bool:
    if name not in PLANTS or name not in rules:
        return False
    before = {clash.problem for clash in rules[name](policy)}
    return any(clash.problem not in before for clash in rules[name](plant(policy, name)))
