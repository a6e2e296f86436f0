"""What someone agreed to, word for word: shown, given, taken back, and handed out as receipts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from upheld.policy import current
from upheld.policy.dpv import CONTEXT, category_as_dpv, controller_as_dpv, purpose_as_dpv
from upheld.policy.errors import ActRefused
from upheld.promises import consent
from upheld.promises.collection import DeclaredForm
from upheld.promises.consent import ConsentRecord, Question
from upheld.promises.notice.models import PolicyVersion

GIVE, TAKE_BACK = "give", "take_back"
_STATES = {"given": "dpv:ConsentGiven", "withdrawn": "dpv:ConsentWithdrawn"}
# How the one who answers is named in the form → their subject number: an account has its own and
# one for each of its orders.
People = Mapping[str, UUID]


class ConsentForm(DeclaredForm):
    """One answer to one question. Built by the page, never typed."""

    key = "consent_answer"

    about = forms.CharField(required=False, max_length=40)
    purpose = forms.CharField(max_length=60)
    answer = forms.ChoiceField(choices=[(GIVE, GIVE), (TAKE_BACK, TAKE_BACK)])
    consent_shown = forms.CharField(required=False, max_length=1000)
    agreed = forms.BooleanField(required=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """One question to one subject: whether its consent is live, and every word on it so far."""

    about: str
    question: Question
    is_live: bool
    words: list[tuple[ConsentRecord, str]]


def standings(people: People) -> list[Standing]:
    """Every question that may be put to these people."""
    subjects = {subject: about for about, subject in people.items()}
    records = ConsentRecord.objects.filter(subject_id__in=subjects).order_by("-pk")
    said: dict[tuple[UUID, str], list[ConsentRecord]] = {}
    for record in records:
        said.setdefault((record.subject_id, record.purpose), []).append(record)
    return [
        Standing(
            about,
            question,
            consent.live(subject, question.purpose),
            [(r, text_of(r)) for r in said.get((subject, question.purpose), [])],
        )
        for question in consent.questions()
        for about, subject in people.items()
        # Of an order only where something was answered: an account is asked once, as itself.
        if not about or len(people) == 1 or (subject, question.purpose) in said
    ]


def answer(request: HttpRequest, people: People, now: datetime) -> str:
    """Carry out what the form says. Returns "" once that is done, else the sentence to show."""
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return "That answer could not be read. Nothing was recorded; please try again."
    said = form.cleaned_data
    subject = people.get(said["about"])
    if subject is None:
        return "That question is not yours. Nothing was recorded."
    try:
        if said["answer"] == TAKE_BACK:
            consent.take_back(subject, purpose=said["purpose"], method="button", now=now)
        elif not said["agreed"]:
            return "Nothing was recorded: tick the box to agree."
        else:
            shown = said["consent_shown"]
            consent.agree(subject, shown, purpose=said["purpose"], method="box_and_button", now=now)
    except ActRefused as refusal:
        return str(refusal)
    return ""


def receipts(people: People) -> HttpResponse:
    """A receipt of every word of these people, newest first, as one file to keep."""
    words = ConsentRecord.objects.filter(subject_id__in=people.values()).order_by("-pk")
    document = {"@context": dict(CONTEXT), "@graph": [as_receipt(record) for record in words]}
    answered = JsonResponse(document, content_type="application/ld+json")
    answered["Content-Disposition"] = 'attachment; filename="consents.json"'
    answered["Cache-Control"] = "no-store"
    return answered


def as_receipt(record: ConsentRecord) -> dict[str, Any]:
    """A consent receipt in the shape of ISO/IEC TS 27560, in the terms of DPV."""
    policy, origin = current(), settings.UPHELD_ORIGIN
    address = origin + reverse("upheld:policy")
    fields = [f for f in policy.fields.values() if record.purpose in f.purposes]
    recipients = {n for f in fields for n in f.recipients}
    purpose: dict[str, Any] = {"@id": f"{address}#purpose-{record.purpose}"}
    if record.purpose in policy.purposes:
        purpose = purpose_as_dpv(policy, record.purpose, address)
    return {
        "@id": f"{address}#consent-{record.pk}",
        "@type": ["dpv:ConsentRecord", "dpv:ConsentReceipt"],
        "dct:conformsTo": "ISO/IEC TS 27560:2023",
        "dct:identifier": str(record.pk),
        "dpv:hasDataSubject": {"@type": "dpv:Customer", "dct:identifier": str(record.subject_id)},
        "dpv:hasDataController": controller_as_dpv(policy, address),
        "dpv:hasPurpose": purpose,
        "dpv:hasPersonalData": [{"@id": each} for each in _categories(fields)],
        "dpv:hasRecipient": [{"@id": f"{address}#recipient-{n}"} for n in sorted(recipients)],
        "dpv:hasConsentStatus": {"@id": _STATES[record.action]},
        "dpv:isIndicatedAtTime": {
            "@value": record.at.isoformat(timespec="seconds"),
            "@type": "xsd:dateTime",
        },
        "dpv:hasIndicationMethod": record.method,
        "dpv:hasNotice": {
            "@id": origin + reverse("upheld:version", args=[record.policy_version]),
            "@type": "dpv:PrivacyNotice",
            "dct:hasVersion": str(record.policy_version),
            "dct:description": text_of(record),
            "dct:identifier": f"sha256:{record.text_hash}",
        },
    }


def text_of(record: ConsentRecord) -> str:
    """The words that the record is bound to, found again by their digest; "" where the page that
    showed them had words of its own."""
    if record.purpose in current().purposes:
        today = consent.question(record.purpose)
        if today.text_hash == record.text_hash:
            return today.text
    row = PolicyVersion.objects.filter(version=record.policy_version).defer("files").first()
    told = row.read_facts()["purposes"].get(record.purpose) if row else None
    text = consent.text_for(told["words"], told.get("ask", "")) if told else ""
    return text if consent.hash_of(text) == record.text_hash else ""


def _categories(fields: list[Any]) -> list[str]:
    return sorted({category_as_dpv(field.category) for field in fields})
