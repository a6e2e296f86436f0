"""The categories of personal data a policy may name: fideslang keys that a store can meet."""

from __future__ import annotations

CATEGORIES = frozenset(
    {
        "user.account.settings",
        "user.account.username",
        "user.authorization.credentials",
        "user.authorization.password",
        "user.behavior.purchase_history",
        "user.contact.address.city",
        "user.contact.address.country",
        "user.contact.address.postal_code",
        "user.contact.address.state",
        "user.contact.address.street",
        "user.contact.email",
        "user.contact.organization",
        "user.contact.phone_number",
        "user.content",
        "user.content.private",
        "user.demographic.age_range",
        "user.demographic.date_of_birth",
        "user.demographic.language",
        "user.device.device_id",
        "user.device.ip_address",
        "user.financial.bank_account",
        "user.government_id.national_identification_number",
        "user.name",
        "user.name.first",
        "user.name.last",
        "user.payment",
        "user.privacy_preferences",
        "user.unique_id",
        "user.unique_id.pseudonymous",
        "user.user_sensor",
    }
)
# What P20 calls private financial data wherever it is stored: it belongs in a vault.
FINANCIAL = frozenset(
    {
        "user.payment",
        "user.financial.bank_account",
        "user.government_id.national_identification_number",
    }
)
# The names of vault.forms.FORMS, which this pure package may not import; a test holds them equal.
SEALED_FORMS = frozenset(
    {
        "bank_account",
        "card_brand",
        "country",
        "expiry",
        "last4",
        "name",
        "postal_code",
        "reference",
        "street",
        "tax_number",
    }
)
