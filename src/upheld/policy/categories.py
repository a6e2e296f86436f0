"""The categories of personal data a policy may name: fideslang keys that a store can meet."""

from __future__ import annotations

CATEGORIES = frozenset(
    {
        "user.account.settings",
        "user.account.username",
        "user.authorization.credentials",
        "user.authorization.password",
        "user.behavior.browsing_history",
        "user.behavior.purchase_history",
        "user.behavior.search_history",
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
        "user.device.cookie_id",
        "user.device.device_id",
        "user.device.ip_address",
        "user.financial",
        "user.financial.bank_account",
        "user.financial.credit_card",
        "user.government_id.national_identification_number",
        "user.location.precise",
        "user.name",
        "user.name.first",
        "user.name.last",
        "user.payment",
        "user.privacy_preferences",
        "user.unique_id",
        "user.unique_id.pseudonymous",
    }
)
# What P20 calls private financial data wherever it is stored: it belongs in a vault.
FINANCIAL = frozenset(
    {
        "user.payment",
        "user.financial",
        "user.financial.bank_account",
        "user.financial.credit_card",
        "user.government_id.national_identification_number",
    }
)
# What only watching a visitor can give (P11, P12) …
WATCHED = frozenset(
    {
        "user.behavior.browsing_history",
        "user.behavior.search_history",
        "user.device.cookie_id",
    }
)
# … and what tells visitors apart unless they gave it for a thing they asked for, such as the
# device that a license is activated on.
TELLING_APART = frozenset(
    {
        "user.device.device_id",
        "user.device.ip_address",
        "user.location.precise",
    }
)
AGE = frozenset({"user.demographic.age_range", "user.demographic.date_of_birth"})
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
