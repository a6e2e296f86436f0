"""One plant for each rule of `upheld.policy.contradictions`: a copy of a policy that contradicts
itself in just that way. Pure: nothing here is put in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from upheld.policy.model import (
    Agreement,
    Basis,
    Cookie,
    DeclaredField,
    Mail,
    Policy,
    Purpose,
    Recipient,
)

Plant = Callable[[Policy], Policy]
_NAME = "planted"
_FIELD = "planted.value"


def plant(policy: Policy, rule: str) -> Policy:
    """The policy with the contradiction planted that the rule of this name must find."""
    return PLANTS[rule](policy)


def _with_purpose(policy: Policy, basis: Basis, **parts: Any) -> Policy:
    """A purpose on this basis, and a field that it uses."""
    return replace(
        policy,
        purposes={**policy.purposes, _NAME: replace(_PURPOSE, basis=basis)},
        fields={**policy.fields, _FIELD: replace(_PLANTED_FIELD, **parts)},
    )


def _with_recipient(policy: Policy, recipient: Recipient) -> Policy:
    """This recipient, and a field given to it for a purpose by contract."""
    changed = _with_purpose(policy, "contract", recipients=frozenset({_NAME}))
    return replace(changed, recipients={**policy.recipients, _NAME: recipient})


_PURPOSE = Purpose(_NAME, "P14", "try whether a contradiction is found", "contract")
_PLANTED_FIELD = DeclaredField(
    _FIELD, "P10", "a planted value", "user.content", frozenset({_NAME}), kept_days=1
)
_RECIPIENT = Recipient(
    _NAME, "P24", "a planted recipient", "processor", "US", frozenset({_NAME}), frozenset(), None
)


def _news(policy: Policy) -> Policy:
    mail = Mail(_NAME, "P16", "news of related products", _NAME)
    return replace(_with_purpose(policy, "contract"), mails={**policy.mails, _NAME: mail})


def _agreement_over(policy: Policy) -> Policy:
    over = Agreement(date.min, expires=policy.effective, attested=date.min)
    return _with_recipient(policy, replace(_RECIPIENT, agreement=over))


def _statistics_cookie(policy: Policy) -> Policy:
    cookie = Cookie(_NAME, "P12", "counts your visits", 30)
    return replace(policy, cookies={**policy.cookies, _NAME: cookie})


def _silent_recipient(policy: Policy) -> Policy:
    changed = _with_purpose(policy, "contract")
    return replace(changed, recipients={**policy.recipients, _NAME: _RECIPIENT})


def _unused_purpose(policy: Policy) -> Policy:
    return replace(policy, purposes={**policy.purposes, _NAME: _PURPOSE})


def _foreign_recipient(policy: Policy) -> Policy:
    elsewhere = replace(_RECIPIENT, purposes=frozenset())
    return _with_recipient(policy, elsewhere)


PLANTS: Mapping[str, Plant] = {
    "news_without_consent": _news,
    "recipient_without_agreement": lambda p: _with_recipient(p, _RECIPIENT),
    "outsider_without_consent": lambda p: _with_recipient(
        p, replace(_RECIPIENT, role="third_party")
    ),
    "agreement_over_at_start": _agreement_over,
    "visitor_is_watched": _statistics_cookie,
    "age_answer_kept": lambda p: _with_purpose(
        p, "legal_obligation", category="user.demographic.date_of_birth"
    ),
    "use_taken_for_consent": lambda p: replace(p, consent_method="using this site"),
    "financial_detail_outside_vault": lambda p: _with_purpose(
        p, "contract", category="user.financial.bank_account"
    ),
    "sealed_field_with_own_period": lambda p: _with_purpose(
        p, "contract", sealed=True, form="name"
    ),
    "sealed_field_kept_for_the_law": lambda p: _with_purpose(
        p, "legal_obligation", sealed=True, form="name", kept_days=None
    ),
    "field_without_period": lambda p: _with_purpose(p, "contract", kept_days=None),
    "field_nobody_may_read": lambda p: _with_purpose(p, "contract", purposes=frozenset()),
    "purpose_nobody_uses": _unused_purpose,
    "recipient_of_another_purpose": _foreign_recipient,
    "recipient_that_gets_nothing": _silent_recipient,
    "backup_that_outlives_erasures": lambda p: replace(
        p, retention=replace(p.retention, backup_days=p.erasure.tombstones_kept_days + 1)
    ),
    "child_below_the_line": lambda p: replace(p, age_minimum_years=12),
}
