"""Act: a person opens a purpose by hand. It is recorded before anything can be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from upheld.db import purpose
from upheld.ledger import append
from upheld.ledger.events import PurposeOpened
from upheld.policy import Policy, current
from upheld.policy.errors import UndeclaredPurpose
from upheld.promises.purpose.models import PurposeOpening

_CLAUSE = "P44"
_COMMAND = "shell"
_REASON_LENGTH_MAX = 500


@contextmanager
def open_shell(name: str, reason: str, now: datetime) -> Iterator[None]:
    """Run the body under purpose `name`. The ledger gets the fact and `PurposeOpening` the words,
    in one transaction that is committed first. Raises `UndeclaredPurpose` for a purpose that the
    policy does not let a shell hold, and for a reason that is empty or too long."""
    _refuse(name, reason, current())
    with purpose("oversee"), transaction.atomic():
        entry = append(PurposeOpened(purpose=name, command=_COMMAND), now)
        PurposeOpening(
            ledger_index=entry.index, purpose=name, opened_at=now, reason=reason.strip()
        ).save(force_insert=True)
    with purpose(name):
        yield


def _refuse(name: str, reason: str, policy: Policy) -> None:
    held = sorted(policy.inventory.purposes_of("command", _COMMAND))
    problem, remedy = "", ""
    if name not in policy.purposes:
        problem = "is not in the policy"
        remedy = f"Use one of these: {', '.join(held)}."
    elif name not in held:
        problem = "is not opened by hand"
        remedy = (
            f'Use one of these: {", ".join(held)}; or add "{_COMMAND}" to commands under '
            f"[purposes.{name}] in an inventory.toml, if its clause allows it."
        )
    elif not 0 < len(reason.strip()) <= _REASON_LENGTH_MAX:
        problem = "is opened only with a reason"
        remedy = f"Say why, in up to {_REASON_LENGTH_MAX} characters: --reason TEXT."
    if problem:
        clause = policy.purposes[name].clause if name in policy.purposes else _CLAUSE
        raise UndeclaredPurpose(
            clause=clause, field=f"purpose {name}", problem=problem, remedy=remedy
        )
