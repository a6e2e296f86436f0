"""Can the age question be asked and its answer be remembered as the policy says?"""

from __future__ import annotations

from upheld.policy import Finding, Policy
from upheld.promises.age.answer import COOKIE


def check(policy: Policy) -> list[Finding]:
    """The cookie is declared and ends with the browser. What the question asks is declared like
    every input, and checked there."""
    cookie = policy.cookies.get(COOKIE)
    if cookie is None:
        problem = "the answer to the age question cannot be remembered: no cookie is declared"
    elif cookie.kept_days is not None:
        problem = f"the cookie {COOKIE} would outlive the browser: another person may sit there"
    else:
        return []
    return [
        Finding(
            file="policy.toml",
            line=None,
            clause="P33",
            problem=problem,
            remedy=f"write [cookies.{COOKIE}] with clause, words and session = true",
        )
    ]
