"""The rights of the policy in force, made once a policy."""

from __future__ import annotations

from upheld.db.rights import Rights
from upheld.policy import Policy, current

_rights: tuple[Policy | None, Rights, int] = (None, Rights(None), 0)


def rights_in_force() -> tuple[Rights, int]:
    """The rights of the policy in force and their serial number. No policy, no rights."""
    global _rights
    try:
        policy: Policy | None = current()
    except LookupError:
        policy = None
    if _rights[0] is not policy:
        _rights = (policy, Rights(policy), _rights[2] + 1)
    return _rights[1], _rights[2]
