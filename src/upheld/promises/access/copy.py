"""The copy that a person takes along, in terms of schema.org and of the Data Privacy Vocabulary.

It is made while it is read, piece by piece, and never written to disk."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.conf import settings

from upheld.policy import Policy, current
from upheld.policy.facts import plain
from upheld.policy.model import DeclaredField
from upheld.promises.access.held import Record, Value, held_rows
from upheld.promises.access.people import Person

CONTENT_TYPE = "application/ld+json"
_CONTEXT = {
    "schema": "https://schema.org/",
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "legal": "https://w3id.org/dpv/legal/eu/gdpr#",
}
# Category → (term of the Data Privacy Vocabulary, property of schema.org).
_TERMS = {
    "user.contact.email": ("pd:EmailAddress", "schema:email"),
    "user.contact.phone_number": ("pd:TelephoneNumber", "schema:telephone"),
    "user.contact.address.street": ("pd:PhysicalAddress", "schema:streetAddress"),
    "user.name": ("pd:Name", "schema:name"),
    "user.payment": ("pd:PaymentCard", ""),
    "user.unique_id.pseudonymous": ("pd:Identifier", "schema:identifier"),
    "user.authorization.password": ("pd:Password", ""),
    "user.authorization.credentials": ("pd:Authenticating", ""),
}
_BASES = {
    "contract": "dpv:Contract",
    "consent": "dpv:Consent",
    "legal_obligation": "dpv:LegalObligation",
    "legitimate_interest": "dpv:LegitimateInterest",
}


def json_copy(person: Person, now: datetime) -> Iterator[bytes]:
    """The whole copy as JSON-LD, in pieces. Read it through `stream()`."""
    head = json.dumps(_head(current(), now), ensure_ascii=False, indent=1)
    yield f'{head[:-2]},\n "records": ['.encode()
    for number, record in enumerate(held_rows(person, now)):
        text = json.dumps(as_json(record), ensure_ascii=False, default=readable)
        yield f"{',' if number else ''}\n  {text}".encode()
    yield b"\n ]\n}\n"


def as_json(record: Record) -> dict[str, Any]:
    """One row. In a table that is not personal the values are facts about the subject."""
    personal = record.table.is_personal
    about = {} if personal else {"about": record.table.not_personal}
    return {
        "@type": "dpv:PersonalData" if personal else "dpv:Data",
        "table": record.table.name,
        "key": record.key,
        **about,
        "values": [_value(value) for value in record.values],
    }


def _value(value: Value) -> dict[str, Any]:
    shown: dict[str, Any] = {"column": value.column}
    if value.fields:
        shown["field"] = value.fields[0] if len(value.fields) == 1 else list(value.fields)
    shown["value"] = value.value
    if len(value.fields) == 1 and value.value:
        _, term = _TERMS.get(current().fields[value.fields[0]].category, ("", ""))
        if term:
            shown[term] = value.value
    if value.why_not:
        shown["not_shown"] = value.why_not
    if value.kept_until:
        shown["kept_until"] = value.kept_until
    return shown


def _head(policy: Policy, now: datetime) -> dict[str, Any]:
    who = policy.controller
    return {
        "@context": _CONTEXT,
        "@type": ["schema:Person", "dpv:DataSubject"],
        "made_at": now.isoformat(timespec="seconds"),
        "policy": {"version": policy.version, "url": f"{settings.UPHELD_ORIGIN}/privacy/"},
        "dpv:hasDataController": {
            "@type": ["dpv:DataController", "schema:Organization"],
            "schema:name": who.name,
            "schema:url": who.site,
            "schema:address": who.address,
            "schema:email": who.email,
            "schema:telephone": who.phone,
        },
        "fields": {
            name: _field(policy, field) for name, field in policy.fields.items() if field.stored
        },
    }


def _field(policy: Policy, field: DeclaredField) -> dict[str, Any]:
    term, _ = _TERMS.get(field.category, ("dpv:PersonalData", ""))
    days = field.kept_days or policy.retention.private_financial_days
    purposes = [policy.purposes[name] for name in sorted(field.purposes)]
    return {
        "words": plain(field.words),
        "clause": field.clause,
        "category": field.category,
        "dpv:hasPersonalData": term,
        "dpv:hasPurpose": [plain(purpose.words) for purpose in purposes],
        "dpv:hasLegalBasis": sorted({_BASES[purpose.basis] for purpose in purposes}),
        "dpv:hasStorageCondition": {"@type": "dpv:StorageDuration", "days": days},
        "dpv:hasRecipient": [
            plain(policy.recipients[name].words) for name in sorted(field.recipients)
        ],
    }


def readable(value: Any) -> str:
    """A value that JSON has no form for: days and times as ISO 8601, bytes as base64."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)
