"""The policy as a Fides manifest: one system with a declaration for each purpose, and one dataset
with every stored column."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from upheld.policy.facts import days, plain
from upheld.policy.model import Policy, Table

# Names of our vocabulary → data uses of the Fides taxonomy.
USES: Mapping[str, str] = {
    "take_payment": "essential.service.payment_processing",
    "deliver_order": "essential.service",
    "keep_books": "essential.legal_obligation",
    "support": "essential.service.operations.support",
    "send_news": "marketing.communications.email",
    "share_address": "third_party_sharing",
    "manage_account": "functional.service",
    "keep_signed_in": "essential.service.authentication",
    "answer_request": "essential.legal_obligation",
    "check_age": "essential.legal_obligation",
    "forget": "essential.legal_obligation",
    "oversee": "essential.service.security",
    "tell_changes": "essential.service.notifications.email",
}
BASES: Mapping[str, str] = {
    "contract": "Contract",
    "consent": "Consent",
    "legal_obligation": "Legal obligations",
    "legitimate_interest": "Legitimate interests",
}
_KEY, _ANY_USE, _SUBJECTS = "store", "essential.service", ["customer"]


def policy_as_fides(policy: Policy) -> dict[str, Any]:
    """Systems and datasets, as Fides reads them."""
    return {
        "system": [
            {
                "fides_key": _KEY,
                "name": policy.controller.name,
                "description": f"Rendered from version {policy.version} of its privacy policy.",
                "system_type": "Service",
                "legal_name": policy.controller.name,
                "legal_address": policy.controller.address,
                "privacy_policy": f"{policy.controller.site.rstrip('/')}/privacy/",
                "uses_cookies": bool(policy.cookies),
                "dataset_references": [_KEY],
                "privacy_declarations": list(_declarations(policy)),
            }
        ],
        "dataset": [
            {
                "fides_key": _KEY,
                "name": f"{policy.controller.name}: everything personal that is stored",
                "collections": [
                    _collection(policy, table)
                    for _, table in sorted(policy.inventory.tables.items())
                    if table.fields
                ],
            }
        ],
    }


def as_yaml(value: Any, depth: int = 0) -> str:
    """Plain YAML: maps and lists in block style, everything else as JSON writes it."""
    pad = "  " * depth
    if isinstance(value, dict) and value:
        return "".join(f"{pad}{key}:{_inner(inner, depth)}" for key, inner in value.items())
    if isinstance(value, list) and value:
        return "".join(f"{pad}-{_inner(inner, depth)}" for inner in value)
    return f"{pad}{json.dumps(value, ensure_ascii=False)}\n"


def _inner(value: Any, depth: int) -> str:
    if isinstance(value, dict | list) and value:
        return "\n" + as_yaml(value, depth + 1)
    return " " + as_yaml(value)


def _declarations(policy: Policy) -> Iterator[dict[str, Any]]:
    for name, purpose in policy.purposes.items():
        fields = [field for field in policy.fields.values() if name in field.purposes]
        if not fields:
            continue
        shared = sorted({field.category for field in fields if field.recipients})
        periods = [field.kept_days for field in fields if field.kept_days]
        yield {
            "name": f"to {plain(purpose.words)}",
            "data_categories": sorted({field.category for field in fields}),
            "data_use": USES.get(name, _ANY_USE),
            "data_subjects": _SUBJECTS,
            "legal_basis_for_processing": BASES[purpose.basis],
            "retention_period": days(max(periods)) if periods else "not stored",
            "data_shared_with_third_parties": bool(shared),
            "third_parties": "; ".join(
                plain(each.words) for each in policy.recipients.values() if name in each.purposes
            ),
            "shared_categories": shared,
        }


def _collection(policy: Policy, table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "fields": [
            {
                "name": column,
                "description": plain(policy.fields[field].words),
                "data_categories": [policy.fields[field].category],
            }
            for column, field in sorted(table.fields.items())
        ],
    }
