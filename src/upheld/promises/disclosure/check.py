"""Could the policy let somebody's data go where they never agreed to?"""

from __future__ import annotations

from upheld.policy import Finding, Policy
from upheld.promises.disclosure.closed import ways_that_are_open


def check(policy: Policy) -> list[Finding]:
    """A third party gets data by consent alone; and the process is closed to the outside."""
    findings = [
        Finding(
            "policy.toml",
            None,
            "P30",
            f"{name} is a third party and would get data to {policy.purposes[purpose].words}, "
            "for which nobody is asked",
            f'Give the purpose {purpose} basis = "consent", or {name} the role of a processor.',
        )
        for name, recipient in sorted(policy.recipients.items())
        for purpose in sorted(recipient.purposes & policy.purposes.keys())
        if recipient.role == "third_party" and policy.purposes[purpose].basis != "consent"
    ]
    if passed := ways_that_are_open():
        problem = f"the process is open to the outside: {passed[0]} passes"
        remedy = 'Put "upheld" into INSTALLED_APPS: its app closes the process as it gets ready.'
        findings.append(Finding("settings", None, "P15", problem, remedy))
    return findings
