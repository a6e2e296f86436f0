"""The second step of signing in: a code or a passkey, after the password."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled

from upheld.db import for_purpose
from upheld_store.customers.models import Customer

SECOND_STEPS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


@for_purpose("manage_account")
def has_second_step(customer: Customer) -> bool:
    """Whether the password alone does not sign this person in."""
    return bool(is_mfa_enabled(customer, types=SECOND_STEPS))


class SecondStep(AuthenticateView):  # type: ignore[misc]  # allauth is not typed
    """allauth's page, in the store's frame; it offers a passkey only to whoever has one."""

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**options)
        # Its `site` would hide the store's own name and footer.
        del context["site"]
        held = Authenticator.objects.filter(user=self.stage.login.user)
        context["has_passkey"] = held.filter(type=Authenticator.Type.WEBAUTHN).exists()
        return context
