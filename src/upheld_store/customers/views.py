"""Signing in and out, and the ways to do so."""

from __future__ import annotations

import uuid
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from upheld.promises.age import require_age, takes_nothing_down
from upheld_store.customers.change_password import change_password, reset_password
from upheld_store.customers.forms import (
    ChangePasswordForm,
    NewPasswordForm,
    RegisterForm,
    ResetForm,
    SignInForm,
)
from upheld_store.customers.limits import may_try
from upheld_store.customers.models import AccountLetter, LetterAbout
from upheld_store.customers.sign_outs import sessions_of, sign_out_elsewhere
from upheld_store.customers.write_letter import write_letter

_FORM = require_http_methods(["GET", "HEAD", "POST"])
_TOO_OFTEN = "That was tried very often just now. Please wait a quarter of an hour."
_NO_MATCH = "Address and password do not fit together. Look at both again, or ask for a new one."


@require_age
@_FORM
@sensitive_post_parameters("password")
def register(request: HttpRequest) -> HttpResponse:
    """Opens an account. The answer is the same whether the address has one."""
    if request.user.is_authenticated:
        return redirect("control_panel:home")
    form = RegisterForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        if may_try(request, "letter", given["email"]):
            digest = make_password(given["password"])
            letter = write_letter(
                LetterAbout.REGISTER, given["email"], timezone.now(), digest=digest
            )
            return redirect("account_code", letter=letter.pk)
        form.add_error(None, _TOO_OFTEN)
    return _page(request, "account/register.html", form)


@takes_nothing_down
@_FORM
@sensitive_post_parameters("password")
@sensitive_variables()
def sign_in(request: HttpRequest) -> HttpResponse:
    """By address and password; the second factor, where there is one, is asked next."""
    if request.user.is_authenticated:
        return redirect("control_panel:home")
    form = SignInForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        email = form.cleaned_data["email"].lower()
        if not may_try(request, "sign_in", email):
            form.add_error(None, _TOO_OFTEN)
        elif user := authenticate(request, email=email, password=form.cleaned_data["password"]):
            # Without the address: allauth would write it into the session.
            answer: HttpResponse = perform_password_login(
                request, {}, Login(user, redirect_url=_next(request))
            )
            return answer
        else:
            form.add_error(None, _NO_MATCH)
    return _page(request, "account/sign_in.html", form, next=_next(request))


@_FORM
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends this session, and has the browser forget what it kept of us."""
    if request.method != "POST":
        return render(request, "account/sign_out.html")
    logout(request)
    response = render(request, "account/signed_out.html")
    response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


@require_age
@_FORM
def ask_for_password(request: HttpRequest) -> HttpResponse:
    """Mails a code for a new password to an address that has an account; says so of every one."""
    form = ResetForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        email = form.cleaned_data["email"]
        if may_try(request, "letter", email):
            letter = write_letter(LetterAbout.RESET, email, timezone.now())
            return redirect("account_new_password", letter=letter.pk)
        form.add_error(None, _TOO_OFTEN)
    return _page(request, "account/ask_for_password.html", form)


@_FORM
@sensitive_post_parameters("password")
def new_password(request: HttpRequest, letter: uuid.UUID) -> HttpResponse:
    """Takes the code and the new password."""
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        row = get_object_or_404(AccountLetter, pk=letter, about=LetterAbout.RESET)
        given = form.cleaned_data
        if reset_password(row, given["code"].strip(), given["password"], timezone.now()):
            return render(request, "account/password_set.html")
        form.add_error("code", "This is not the code, or it has run out.")
    return _page(request, "account/new_password.html", form)


@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
@_FORM
@sensitive_post_parameters("password")
def change_own_password(request: HttpRequest) -> HttpResponse:
    """Sets a new password; every other session of this person ends."""
    form = ChangePasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        customer: Any = request.user
        backend = request.session["_auth_user_backend"]
        change_password(customer, form.cleaned_data["password"], timezone.now())
        request.session.flush()
        login(request, customer, backend=backend)
        messages.success(request, "Your password is changed. Every other session has ended.")
        return redirect("mfa_index")
    return _page(request, "account/change_password.html", form)


@login_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Sessions, passkeys, authenticator app, recovery codes, password."""
    customer: Any = request.user
    held = Authenticator.objects.filter(user=customer)
    context = {
        "sessions": sessions_of(customer, request.session.session_key or ""),
        "passkeys": [one for one in held if one.type == Authenticator.Type.WEBAUTHN],
        "has_app": any(one.type == Authenticator.Type.TOTP for one in held),
        "has_codes": any(one.type == Authenticator.Type.RECOVERY_CODES for one in held),
    }
    return render(request, "account/security.html", context)


@login_required
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """Ends every session of this person but this one."""
    customer: Any = request.user
    ended = sign_out_elsewhere(customer, request.session.session_key or "")
    said = (
        f"{ended} other session{'' if ended == 1 else 's'} ended." if ended else "There was none."
    )
    messages.success(request, said)
    return redirect("mfa_index")


def _next(request: HttpRequest) -> str | None:
    """Where to go after signing in: an address of our own, or None."""
    target = request.GET.get("next", "")
    own = url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if own and target.startswith("/") else None


def _page(request: HttpRequest, template: str, form: Any, **more: Any) -> HttpResponse:
    status = 400 if form.errors else 200
    if _TOO_OFTEN in form.non_field_errors():
        status = 429
    return render(request, template, {"form": form, **more}, status=status)
