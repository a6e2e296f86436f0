"""A policy as plain data: everything it promises, words included, and nothing of how it is run.

This is what a version freezes, what two versions are compared by, and what later versions are held
to. Hosts and caps of a run are left out: they may be edited without a new version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from upheld.policy.model import Agreement, Policy

Facts = Mapping[str, Any]


def state(policy: Policy) -> Facts:
    """The facts of `policy`, made of dicts, lists, texts and numbers alone."""
    return {
        "version": policy.version,
        "effective": policy.effective.isoformat(),
        "review": policy.review,
        "changes": policy.changes,
        "signals": policy.signals,
        "cooling_off_days": policy.cooling_off_days,
        "controller": asdict(policy.controller),
        "purposes": {
            name: {"clause": p.clause, "words": p.words, "basis": p.basis, "ask": p.ask}
            for name, p in policy.purposes.items()
        },
        "fields": {
            name: {
                "clause": f.clause,
                "words": f.words,
                "category": f.category,
                "purposes": sorted(f.purposes),
                "kept_days": f.kept_days,
                "recipients": sorted(f.recipients),
                "stored": f.stored,
                "sealed": f.sealed,
            }
            for name, f in policy.fields.items()
        },
        "private_financial_days": policy.retention.private_financial_days,
        "backup_days": policy.retention.backup_days,
        "recipients": {
            name: {
                "clause": r.clause,
                "words": r.words,
                "role": r.role,
                "country": r.country,
                "purposes": sorted(r.purposes),
                "agreement": _dates(r.agreement),
            }
            for name, r in policy.recipients.items()
        },
        "access": asdict(policy.access),
        "erasure": {
            "undo_days": policy.erasure.undo_days,
            "tombstones_kept_days": policy.erasure.tombstones_kept_days,
            "stays": {name: asdict(stay) for name, stay in policy.erasure.stays.items()},
        },
        "cookies": {name: asdict(cookie) for name, cookie in policy.cookies.items()},
        "mails": {name: asdict(mail) for name, mail in policy.mails.items()},
        "forms": sorted(policy.forms),
        "consent_method": policy.consent_method,
        "age_minimum_years": policy.age_minimum_years,
        "hsts_days": policy.hsts_days,
        "sections": dict(policy.sections),
        "clauses": {
            name: {
                "section": c.section,
                "title": c.title,
                "markdown": c.markdown,
                "source": c.source,
            }
            for name, c in policy.clauses.items()
        },
    }


def digest_of_facts(facts: Facts) -> str:
    """SHA-256 of the facts in one spelling: what a published version is known by."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def same_facts(frozen: Facts, facts: Facts) -> bool:
    """Whether `facts` say what the `frozen` ones say. What the program learned to state since is
    left out: an upgrade edits nobody's policy."""
    return all(_same(value, facts.get(key)) for key, value in frozen.items())


def _same(frozen: object, value: object) -> bool:
    """Named things must be the same things; each may have properties that were not stated."""
    if not isinstance(frozen, dict) or not isinstance(value, dict):
        return frozen == value
    are_things = any(isinstance(inner, dict) for inner in (*frozen.values(), *value.values()))
    if are_things and frozen.keys() != value.keys():
        return False
    return all(name in value and _same(inner, value[name]) for name, inner in frozen.items())


def _dates(agreement: Agreement | None) -> dict[str, str] | None:
    if agreement is None:
        return None
    return {name: day.isoformat() for name, day in asdict(agreement).items()}
