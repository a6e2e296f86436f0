"""The one policy of this process. It is set once at the start and never changes while it runs."""

from __future__ import annotations

from upheld.policy.choosing import Chosen
from upheld.policy.model import Policy

_in_force: list[Policy] = []
_chosen: list[Chosen] = []


def install(policy: Policy) -> None:
    """Put `policy` in force, in place of any other."""
    _in_force[:] = [policy]


def install_chosen(chosen: Chosen) -> None:
    """Put the policy in force that was chosen from the file on disk and the archive."""
    _chosen[:] = [chosen]
    install(chosen.policy)


def current() -> Policy:
    """The policy in force. Raises `LookupError` before the start has installed one."""
    if not _in_force:
        raise LookupError("No policy is in force yet: the engine's app has not started.")
    return _in_force[0]


def chosen() -> Chosen:
    """How the policy in force was chosen at the start. Raises `LookupError` before that."""
    if not _chosen:
        raise LookupError("No policy was chosen yet: the engine's app has not started.")
    return _chosen[0]
