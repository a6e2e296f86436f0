"""The gate: may this recipient get these fields, for this purpose, today?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from upheld.db import in_force
from upheld.db.insertion import insert
from upheld.policy import Policy, PolicyViolation, Recipient, current
from upheld.policy.errors import NoProofOfConsent, UndeclaredDisclosure
from upheld.promises import consent
from upheld.promises.disclosure.earlier import refuse_earlier
from upheld.promises.disclosure.models import Disclosure


def disclose(
    recipient: str, *, subject: UUID, fields: Collection[str], purpose: str, now: datetime
) -> Disclosure:
    """Check, store and return the permission to send `fields` of `subject` to `recipient`.

    The row is written in the caller's transaction; nothing can leave on it before that is
    committed. Raises `UndeclaredDisclosure` naming clause, field and remedy, and
    `NoProofOfConsent` where the purpose rests on a consent that is not live."""
    names = tuple(sorted(fields))
    refuse_undeclared(recipient, fields=names, purpose=purpose, now=now)
    policy = current()
    if policy.purposes[purpose].basis == "consent":
        _refuse_without_consent(policy, recipient, subject, names[0], purpose)
    else:
        # Who consents reads of the recipient there and then.
        refuse_earlier(recipient, subject=subject, fields=names)
    row = Disclosure(
        subject_id=subject,
        recipient=recipient,
        fields=list(names),
        purpose=purpose,
        policy_version=policy.version,
        at=now,
    )
    # save() is closed to everyone; this is the one place that writes the row.
    insert(row, by_its_gate=True)
    return row


def _refuse_without_consent(
    policy: Policy, recipient: str, subject: UUID, field: str, purpose: str
) -> None:
    if not consent.live(subject, purpose):
        raise NoProofOfConsent(
            clause=policy.purposes[purpose].clause,
            field=field,
            problem=f"may go to {recipient} only with the person's consent, and none is live",
            remedy="Ask for it on a page, or send nothing.",
        )


def refuse_undeclared(
    recipient: str, *, fields: Collection[str], purpose: str, now: datetime
) -> None:
    """Raise `UndeclaredDisclosure` unless the policy lets `recipient` have `fields` for
    `purpose` on `now`'s UTC day, and that purpose is the one in force."""
    policy = current()
    declared = policy.recipients.get(recipient)
    if declared is None:
        raise _refusal(
            "P24",
            recipient,
            "is no declared recipient",
            f"Declare [disclosure.{recipient}] in policy.toml, or send nothing.",
        )
    _refuse_agreement(policy, declared, now)
    if purpose not in declared.purposes or purpose not in policy.purposes:
        raise _refusal(
            declared.clause,
            recipient,
            f"may get nothing for {purpose}",
            f"List {purpose} under [disclosure.{recipient}] purposes.",
        )
    if in_force() != purpose:
        raise _refusal(
            declared.clause,
            recipient,
            f"may get nothing for {purpose} while {in_force() or 'no purpose'} is in force",
            f'Enter it first: with purpose("{purpose}").',
        )
    if not fields or len(set(fields)) != len(fields):
        raise _refusal(
            declared.clause,
            recipient,
            "needs each field that leaves named once",
            "Pass the names of the fields, none twice.",
        )
    for name in fields:
        _refuse_field(policy, name, recipient, purpose)


def _refuse_agreement(policy: Policy, recipient: Recipient, now: datetime) -> None:
    agreement, today = recipient.agreement, now.astimezone(UTC).date()
    if agreement is None:
        problem = "has signed no confidentiality agreement"
    elif today < agreement.signed:
        problem = f"signs its confidentiality agreement only on {agreement.signed}"
    elif today > agreement.expires:
        problem = f"had a confidentiality agreement until {agreement.expires}"
    else:
        return
    raise _refusal(
        "P24",
        recipient.name,
        problem,
        f"Renew it and set agreement under [disclosure.{recipient.name}].",
    )


def _refuse_field(policy: Policy, name: str, recipient: str, purpose: str) -> None:
    declared = policy.fields.get(name)
    if declared is None:
        raise _refusal(
            "P15", name, "is no declared field", "Declare it in policy.toml, or leave it out."
        )
    if recipient not in declared.recipients:
        raise _refusal(
            declared.clause,
            name,
            f"may not go to {recipient}",
            f"List {recipient} among the field's recipients, or leave it out.",
        )
    if purpose not in declared.purposes:
        raise _refusal(
            declared.clause,
            name,
            f"may not leave for {purpose}",
            f"List {purpose} among the field's purposes, or leave it out.",
        )


def _refusal(clause: str, field: str, problem: str, remedy: str) -> PolicyViolation:
    return UndeclaredDisclosure(clause=clause, field=field, problem=problem, remedy=remedy)
