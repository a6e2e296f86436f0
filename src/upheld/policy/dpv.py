"""The policy as JSON-LD in the words of the W3C Data Privacy Vocabulary 2.3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from upheld.policy.facts import plain
from upheld.policy.model import DeclaredField, Policy, Recipient

CONTEXT: Mapping[str, Any] = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
# Names of our vocabulary → the nearest term. What an owner names otherwise is a purpose of its own.
PURPOSES: Mapping[str, str] = {
    "take_payment": "dpv:PaymentManagement",
    "deliver_order": "dpv:CustomerOrderManagement",
    "keep_books": "dpv:RecordManagement",
    "support": "dpv:CustomerCare",
    "share_address": "dpv:DirectMarketing",
    "send_news": "dpv:DirectMarketing",
    "manage_account": "dpv:AccountManagement",
    "keep_signed_in": "dpv:IdentityAuthentication",
    "answer_request": "dpv:DataSubjectRightsManagement",
    "check_age": "dpv:AgeVerification",
    "forget": "dpv:LegalCompliance",
    "oversee": "dpv:EnforceSecurity",
    "tell_changes": "dpv:CommunicationManagement",
}
BASES: Mapping[str, list[str]] = {
    "contract": ["dpv:Contract", "eu-gdpr:A6-1-b"],
    "consent": ["dpv:Consent", "eu-gdpr:A6-1-a"],
    "legal_obligation": ["dpv:LegalObligation", "eu-gdpr:A6-1-c"],
    "legitimate_interest": ["dpv:LegitimateInterest", "eu-gdpr:A6-1-f"],
}
ROLES: Mapping[str, str] = {
    "processor": "dpv:DataProcessor",
    "third_party": "dpv:ThirdParty",
    "authority": "dpv:Authority",
}
# By the longest key that a category begins with.
CATEGORIES: Mapping[str, str] = {
    "user.account": "pd:AccountIdentifier",
    "user.account.username": "pd:Username",
    "user.authorization": "pd:Authenticating",
    "user.authorization.password": "pd:Password",
    "user.behavior.purchase_history": "pd:Purchase",
    "user.behavior.browsing_history": "pd:BrowserHistory",
    "user.contact.address": "pd:PhysicalAddress",
    "user.contact.address.city": "pd:City",
    "user.contact.address.country": "pd:Country",
    "user.contact.address.postal_code": "pd:PostalCode",
    "user.contact.address.street": "pd:Street",
    "user.contact.email": "pd:EmailAddress",
    "user.contact.phone_number": "pd:TelephoneNumber",
    "user.content": "pd:Communication",
    "user.demographic.age_range": "pd:AgeRange",
    "user.demographic.date_of_birth": "pd:BirthDate",
    "user.demographic.language": "pd:Language",
    "user.device": "pd:DeviceBased",
    "user.device.ip_address": "pd:IPAddress",
    "user.financial": "pd:Financial",
    "user.financial.bank_account": "pd:BankAccount",
    "user.financial.credit_card": "pd:PaymentCard",
    "user.government_id": "pd:OfficialID",
    "user.location": "pd:Location",
    "user.name": "pd:Name",
    "user.payment": "pd:PaymentCard",
    "user.privacy_preferences": "pd:PrivacyPreference",
    "user.unique_id": "pd:UID",
}
_ANY_DATA, _ANY_PURPOSE = "dpv:PersonalData", "dpv:Purpose"


def policy_as_dpv(policy: Policy, address: str) -> dict[str, Any]:
    """One document: the policy at `address`, its controller, and a handling for each kind of
    data with purposes, bases, recipients and period."""
    return {
        "@context": dict(CONTEXT),
        "@id": address,
        "@type": "dpv:PrivacyNotice",
        "dct:hasVersion": str(policy.version),
        "dct:valid": {"@value": policy.effective.isoformat(), "@type": "xsd:date"},
        "dpv:hasDataController": controller_as_dpv(policy, address),
        "dpv:hasRecipient": [
            _recipient(each, address) for _, each in sorted(policy.recipients.items())
        ],
        "dpv:hasProcess": [
            _handling(policy, field, address) for _, field in sorted(policy.fields.items())
        ],
    }


def controller_as_dpv(policy: Policy, address: str) -> dict[str, Any]:
    """Who answers for the policy."""
    controller = policy.controller
    return {
        "@id": f"{address}#controller",
        "@type": "dpv:DataController",
        "dpv:hasName": controller.name,
        "dpv:hasAddress": controller.address,
        "dpv:hasContact": controller.email,
    }


def purpose_as_dpv(policy: Policy, name: str, address: str) -> dict[str, Any]:
    """One purpose with its words and the basis it rests on."""
    declared = policy.purposes[name]
    return {
        "@id": f"{address}#purpose-{name}",
        "@type": PURPOSES.get(name, _ANY_PURPOSE),
        "dct:description": plain(declared.words),
        "dpv:hasLegalBasis": [{"@id": basis} for basis in BASES[declared.basis]],
    }


def category_as_dpv(category: str) -> str:
    """The nearest term for a category of personal data."""
    fitting = [key for key in CATEGORIES if f"{category}.".startswith(f"{key}.")]
    return CATEGORIES[max(fitting, key=len)] if fitting else _ANY_DATA


def _recipient(recipient: Recipient, address: str) -> dict[str, Any]:
    return {
        "@id": f"{address}#recipient-{recipient.name}",
        "@type": ROLES[recipient.role],
        "dct:description": plain(recipient.words),
        "dpv:hasCountry": recipient.country,
    }


def _handling(policy: Policy, field: DeclaredField, address: str) -> dict[str, Any]:
    return {
        "@id": f"{address}#field-{field.name}",
        "@type": "dpv:PersonalDataHandling",
        "dct:description": plain(field.words),
        "dct:references": field.clause,
        "dpv:hasPersonalData": {"@id": category_as_dpv(field.category)},
        "dpv:hasPurpose": [purpose_as_dpv(policy, p, address) for p in sorted(field.purposes)],
        "dpv:hasRecipient": [
            {"@id": f"{address}#recipient-{name}"} for name in sorted(field.recipients)
        ],
        **_storage(policy, field),
    }


def _storage(policy: Policy, field: DeclaredField) -> dict[str, Any]:
    kept = policy.retention.private_financial_days if field.sealed else field.kept_days
    if kept is None:
        return {}
    duration = {"@value": f"P{kept}D", "@type": "xsd:duration"}
    return {
        "dpv:hasStorageCondition": {"@type": "dpv:StorageDuration", "dpv:hasDuration": duration}
    }
