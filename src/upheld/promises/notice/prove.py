"""P49: plants each contradiction in a copy of the policy and counts how many are found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from upheld.policy import Policy
from upheld.policy.contradictions import RULES, Rule, find_contradictions
from upheld.promises.notice.plants import PLANTS, plant
from upheld.promises.proof import Proof


def prove(policy: Policy, now: datetime) -> list[Proof]:
    """One proof. `now` is not asked: the finder knows no clock. A rule without a plant, or a plant
    whose rule is gone, breaks the proof as a missed contradiction does."""
    standing = find_contradictions(policy)
    rules = {rule.__name__: rule for rule in RULES}
    names = sorted(PLANTS.keys() | rules.keys())
    missed = [name for name in names if not _is_found(policy, name, rules)]
    if standing or missed:
        figure = (
            f"{len(missed)} of {len(names)} planted contradictions were missed; "
            f"the policy in force has {len(standing)}."
        )
        return [Proof("P49", "broken", "tested", len(names), figure)]
    figure = f"All {len(names)} planted contradictions were found; the policy in force has none."
    return [Proof("P49", "kept", "tested", len(names), figure)]


def _is_found(policy: Policy, name: str, rules: Mapping[str, Rule]) -> bool:
    if name not in PLANTS or name not in rules:
        return False
    before = {clash.problem for clash in rules[name](policy)}
    return any(clash.problem not in before for clash in rules[name](plant(policy, name)))
