"""The privacy policy, read, checked and rendered. Pure: no Django, clock or environment."""

from upheld.policy.errors import Finding, PolicyInvalid, PolicyViolation
from upheld.policy.in_force import chosen, current, install, install_chosen
from upheld.policy.loading import load
from upheld.policy.model import DeclaredField, Policy, Purpose, Recipient

__all__ = [
    "DeclaredField",
    "Finding",
    "Policy",
    "PolicyInvalid",
    "PolicyViolation",
    "Purpose",
    "Recipient",
    "chosen",
    "current",
    "install",
    "install_chosen",
    "load",
]
