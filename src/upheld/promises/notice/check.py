"""What a notice must say before the store may show it: California's list (P29), and how to reach
us (P39). And what it said is what runs (P38)."""

from __future__ import annotations

from upheld.policy import Finding, Policy
from upheld.policy.facts import escaped, spoken_date
from upheld.promises.notice.archive_check import check_archive


def check(policy: Policy) -> list[Finding]:
    """A finding for each thing that the public text must say and does not, and for a policy that
    is not the one that was published."""
    return [*check_words(policy), *check_archive()]


def wanted_words(policy: Policy) -> dict[str, dict[str, str]]:
    """Clause → what it must say → the words for it."""
    controller = policy.controller
    return {
        "P29": {
            "the effective date": spoken_date(policy.effective.isoformat()),
            "how to see and correct data ([notice] review)": policy.review,
            "how changes are told ([notice] changes)": policy.changes,
            "how the browser's signals are answered ([notice] signals)": policy.signals,
        },
        "P39": {
            "the site": escaped(controller.site),
            "the postal address": escaped(controller.address),
            "the e-mail address": escaped(controller.email),
            "the phone number": escaped(controller.phone),
        },
    }


def check_words(policy: Policy) -> list[Finding]:
    """A finding for each thing that the public text must say and does not."""
    return [
        Finding(
            "policy/clauses",
            None,
            clause,
            f"{clause} does not say {what}",
            "Add the fact in braces, such as {policy.effective} or {controller.email}.",
        )
        for clause, facts in wanted_words(policy).items()
        for what, words in facts.items()
        if not words.strip() or words not in _text_of(policy, clause)
    ]


def _text_of(policy: Policy, clause: str) -> str:
    return policy.clauses[clause].markdown if clause in policy.clauses else ""
