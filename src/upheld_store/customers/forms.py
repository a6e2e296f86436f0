"""What the pages of an account ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation

from upheld.promises.collection import DeclaredForm, declared_input
from upheld_store.customers.models import CODE_DIGITS

_EMAIL_ERRORS = {
    "required": "Type your e-mail address.",
    "invalid": "This is not an e-mail address. It looks like name@example.com.",
}


def _email(field: str, label: str = "E-mail address", autocomplete: str = "email") -> Any:
    return declared_input(
        field, label=label, error_messages=_EMAIL_ERRORS, autocomplete=autocomplete
    )


def _password(field: str, label: str, *, new: bool) -> Any:
    return declared_input(
        field,
        kind=forms.CharField,
        autocomplete="new-password" if new else "current-password",
        label=label,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput,
        help_text="At least ten characters. A passphrase of a few words is good." if new else "",
        error_messages={"required": "Type your password."},
    )


def _code() -> forms.CharField:
    return forms.CharField(
        label="Code from the letter",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": f"Type the {CODE_DIGITS} digits from the letter."},
    )


class _NewPassword:
    """A form whose `password` is to become one."""

    cleaned_data: dict[str, Any]

    def clean_password(self) -> str:
        """Long enough, and none that everybody uses."""
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password)
        return password


class RegisterForm(_NewPassword, DeclaredForm):
    """Opens an account, once the address is shown to be the person's own."""

    key = "register"

    email = _email("letter.email")
    password = _password("letter.password", "Password", new=True)


class SignInForm(DeclaredForm):
    """Address and password."""

    key = "sign_in"

    email = _email("customer.email", autocomplete="username")
    password = _password("customer.password", "Password", new=False)


class CodeForm(DeclaredForm):
    """The code from a letter."""

    key = "account_code"

    code = _code()


class ResetForm(DeclaredForm):
    """Where the code for a new password goes."""

    key = "reset_password"

    email = _email("letter.email")


class NewPasswordForm(_NewPassword, DeclaredForm):
    """The code, and the password that it sets."""

    key = "new_password"

    code = _code()
    password = _password("customer.password", "New password", new=True)


class ChangePasswordForm(_NewPassword, DeclaredForm):
    """A new password of someone who has just signed in afresh."""

    key = "change_password"

    password = _password("customer.password", "New password", new=True)


class ProfileForm(DeclaredForm):
    """Name and phone number; neither is needed."""

    key = "profile"

    name = declared_input("customer.name", required=False, label="Name")
    phone = declared_input("customer.phone", required=False, label="Phone number")


class ChangeEmailForm(DeclaredForm):
    """Another address, to be confirmed by a code that goes there."""

    key = "change_email"

    email = _email("letter.email", "New e-mail address")
