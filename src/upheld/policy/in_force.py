"""The one policy of this process. It is set once at the start and never changes while it runs."""

from __future__ import annotations

from upheld.policy.model import Policy

_in_force: list[Policy] = []


def install(policy: Policy) -> None:
    """Put `policy` in force, in place of any other."""
    _in_force[:] = [policy]


def current() -> Policy:
    """The policy in force. Raises `LookupError` before the start has installed one."""
    if not _in_force:
        raise LookupError("No policy is in force yet: the engine's app has not started.")
    return _in_force[0]
