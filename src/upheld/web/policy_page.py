"""What the policy page shows besides the clauses: tables made from the declarations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.safestring import SafeString

from upheld.policy import DeclaredField, Policy
from upheld.policy.facts import days
from upheld.policy.rendering import public_text
from upheld.web.markdown import render, render_inline

_ROLES = {
    "processor": "works for us",
    "third_party": "another company, with your consent",
    "authority": "a public authority",
}


@dataclass(frozen=True, slots=True)
class _Words:
    """Names of the policy → their words as HTML."""

    policy: Policy

    def purposes(self, names: frozenset[str]) -> list[SafeString]:
        return [render_inline(p.words) for n, p in self.policy.purposes.items() if n in names]

    def recipients(self, names: frozenset[str]) -> list[SafeString]:
        return [render_inline(r.words) for n, r in self.policy.recipients.items() if n in names]


def page(policy: Policy, begins_on: date, today: date) -> dict[str, Any]:
    """The template's context: the policy, and whether its first day has come."""
    words = _Words(policy)
    return {
        "policy": policy,
        "begins_on": begins_on,
        "has_begun": begins_on <= today,
        "review": render_inline(policy.review),
        "changes": render_inline(policy.changes),
        "signals": render_inline(policy.signals),
        "sections": [
            (section.name, section.title, [(c, render(c.markdown)) for c in section.clauses])
            for section in public_text(policy)
            if section.clauses
        ],
        "fields": [_field(policy, words, field) for field in policy.fields.values()],
        "stored": sum(field.stored for field in policy.fields.values()),
        "cookies": [
            (cookie.name, render_inline(cookie.words),
             days(cookie.kept_days) if cookie.kept_days else "until you close the browser")
            for cookie in policy.cookies.values()
        ],
        "recipients": [
            {"words": render_inline(recipient.words), "country": recipient.country,
             "role": _ROLES[recipient.role], "purposes": words.purposes(recipient.purposes),
             "agreement": recipient.agreement,
             "gets": [render_inline(field.words) for field in policy.fields.values()
                      if name in field.recipients]}
            for name, recipient in policy.recipients.items()
        ],
    }  # fmt: skip


def _field(policy: Policy, words: _Words, field: DeclaredField) -> dict[str, Any]:
    return {
        "name": field.name,
        "words": render_inline(field.words),
        "clause": field.clause,
        "purposes": words.purposes(field.purposes),
        "kept": kept(policy, field),
        "recipients": words.recipients(field.recipients),
    }


def kept(policy: Policy, field: DeclaredField) -> str:
    """How long, in words."""
    if not field.stored:
        return "not stored at all"
    if field.sealed:
        return f"{days(policy.retention.private_financial_days)}, sealed"
    return days(field.kept_days) if field.kept_days else "not stored at all"
