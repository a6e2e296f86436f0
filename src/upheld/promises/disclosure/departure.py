"""Pair to the gate: what is about to leave is looked at once more, against the database."""

from __future__ import annotations

from django.db import connection

from upheld.db.prepared import Asked, Prepared
from upheld.policy import Recipient, current
from upheld.policy.errors import UndeclaredDisclosure
from upheld.promises.disclosure.models import Disclosure
from upheld.promises.disclosure.pinned import is_loopback

_RECORDED = Prepared(lambda: Disclosure.objects.filter(pk=Asked("pk")))
_FACTS = ("subject_id", "recipient", "fields", "purpose", "policy_version", "at")


def may_leave(disclosure: Disclosure, host: str) -> Recipient:
    """The recipient of `disclosure`, once it is sure that the row is committed, says what this
    value says, and names a recipient to whom `host` belongs. Raises `UndeclaredDisclosure`."""
    if type(disclosure) is not Disclosure:
        raise _refusal("what leaves", "needs a Disclosure", "Call disclose() first.")
    if _transaction_is_open():
        raise _refusal(
            disclosure.recipient,
            "may get nothing while a transaction is open: a rollback would "
            "take back the record of what left",
            "Commit first, then use the network.",
        )
    _refuse_unrecorded(disclosure)
    recipient = current().recipients.get(disclosure.recipient)
    if recipient is None:
        raise _refusal(
            disclosure.recipient,
            "is no longer a declared recipient",
            f"Declare [disclosure.{disclosure.recipient}], or send nothing.",
        )
    if not is_host_of(recipient, host):
        raise UndeclaredDisclosure(
            clause=recipient.clause,
            field=host or "no host",
            problem=f"is no declared host of {recipient.name}",
            remedy=f"List it under [disclosure.{recipient.name}] hosts, or send nothing.",
        )
    return recipient


def is_host_of(recipient: Recipient, host: str) -> bool:
    """Whether `host` is declared. Whoever is declared on this machine, as the practice gateway
    is, may be called by any of its loopback names."""
    return host in recipient.hosts or (
        is_loopback(host) and any(is_loopback(declared) for declared in recipient.hosts)
    )


def _transaction_is_open() -> bool:
    """As Django's own `atomic(durable=True)` decides it: a test's outer block is no transaction
    of ours."""
    blocks = connection.atomic_blocks
    if blocks:
        return not getattr(blocks[-1], "_from_testcase", False)
    return not connection.get_autocommit()


def _refuse_unrecorded(disclosure: Disclosure) -> None:
    stored = _RECORDED.first(pk=disclosure.pk) if disclosure.pk else None
    if stored is None:
        raise _refusal(disclosure.recipient, "has no recorded disclosure", "Call disclose() first.")
    if any(getattr(stored, fact) != getattr(disclosure, fact) for fact in _FACTS):
        raise _refusal(
            disclosure.recipient,
            "differs from the recorded disclosure",
            "Pass on the value that disclose() returned, unchanged.",
        )


def _refusal(field: str, problem: str, remedy: str) -> UndeclaredDisclosure:
    return UndeclaredDisclosure(clause="P15", field=field, problem=problem, remedy=remedy)
