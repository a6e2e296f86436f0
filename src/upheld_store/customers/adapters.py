"""Where allauth asks the site: mail, addresses of clients, and sealing. Nothing else is changed."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from upheld.db import for_purpose
from upheld.promises.transport.client_address import client_address
from upheld.vault import lasting_key
from upheld.vault.cipher import decrypt, encrypt
from upheld_store.customers.models import Customer, LetterAbout
from upheld_store.customers.write_letter import write_letter

_PLACE = b"mfa_authenticator"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is not typed
    """Sign-in as this store does it."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mails leave through the mail gate alone."""
        raise NotImplementedError(f"{template_prefix}: allauth sends no mail here.")

    @for_purpose("manage_account")
    def send_notification_mail(self, template_prefix: str, user: Customer, **options: Any) -> None:
        """Word that the ways to sign in were changed; neither address nor browser is named."""
        email = EmailAddress.objects.filter(user=user, primary=True).first()
        if email is not None:
            write_letter(LetterAbout.FACTOR_CHANGED, email.email, timezone.now(), customer=user)

    def get_client_ip(self, request: HttpRequest) -> str:
        """For the limits on tries, which keep it under a key that dies within two hours."""
        return client_address(request)

    def login(self, request: HttpRequest, user: Customer) -> None:
        """Under a new session key; the periods of the account begin anew."""
        super().login(request, user)
        user.note_active(timezone.now().date())


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is not typed
    """Secrets of authenticator apps and recovery codes are sealed with a lasting key."""

    def encrypt(self, text: str) -> str:
        """As text, because it stands in JSON."""
        return base64.b64encode(encrypt(lasting_key("second_factors"), text, _PLACE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises `SealBroken`."""
        sealed = base64.b64decode(encrypted_text)
        return decrypt(lasting_key("second_factors"), sealed, _PLACE)

    @for_purpose("manage_account")
    def get_totp_label(self, user: Customer) -> str:
        """The address, as the authenticator app shows it."""
        return str(EmailAddress.objects.get(user=user, primary=True).email)

    def get_totp_issuer(self) -> str:
        """The store's name."""
        return str(settings.UPHELD_STORE_FACTS.name)
