"""Where the code from a letter is typed: an account is opened, or its address changed."""

from __future__ import annotations

import uuid
from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import EmailAddress, Login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from upheld.db import for_purpose
from upheld_store.control_panel.join_orders import join_orders
from upheld_store.customers.change_email import change_email
from upheld_store.customers.forms import CodeForm
from upheld_store.customers.limits import may_try
from upheld_store.customers.models import AccountLetter, Customer, LetterAbout
from upheld_store.customers.register_customer import register_customer

_WRONG = "This is not the code, or it has run out. A new one comes when you begin again."


@require_http_methods(["GET", "HEAD", "POST"])
@for_purpose("manage_account")
def account_code(request: HttpRequest, letter: uuid.UUID) -> HttpResponse:
    """The same page for every letter and for none, so it tells nothing about an address."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if may_try(request, "code", str(letter)):
            row = get_object_or_404(AccountLetter, pk=letter)
            done = _take(request, row, form.cleaned_data["code"].strip())
            if done is not None:
                return done
        form.add_error("code", _WRONG)
    is_in = request.user.is_authenticated
    context = {"form": form, "begin": "control_panel:address" if is_in else "account_signup"}
    return render(request, "control_panel/code.html", context, status=400 if form.errors else 200)


def _take(request: HttpRequest, letter: AccountLetter, code: str) -> HttpResponse | None:
    now, user = timezone.now(), request.user
    if letter.about == LetterAbout.REGISTER:
        made = register_customer(letter, code, now)
        if made is None:
            return None
        join_orders(made, _email_of(made))
        answer: HttpResponse = perform_login(request, Login(made, signup=True))
        return answer
    if letter.about != LetterAbout.CHANGE_EMAIL or not isinstance(user, Customer):
        return None
    if not change_email(user, letter, code, now):
        return None
    join_orders(user, _email_of(user))
    messages.success(request, "Your account has its new address from now on.")
    return redirect("control_panel:profile")


def _email_of(customer: Customer) -> str:
    address: Any = EmailAddress.objects.get(user=customer, primary=True)
    return str(address.email)
