"""A customer's copy of everything, and the end of the account. All of it after a fresh sign-in."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from upheld.db import for_purpose
from upheld.policy import current
from upheld.promises.access import Person, person_of_account
from upheld.promises.erasure import ErasureRefused, request_erasure, unfinished_of
from upheld.promises.erasure.models import Erasure
from upheld.web.copy_page import json_answer, page_answer

_SENT = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """What can be done here, and how an erasure stands that was asked for."""
    context = {"pending": _pending(_person(request)), "rules": current().erasure}
    return render(request, "control_panel/data.html", context)


@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
@_SENT
def data_copy(request: HttpRequest, form: str) -> HttpResponseBase:
    """The copy, as a page or as a file. A GET leads to the page with the buttons: that is where a
    fresh sign-in comes back to."""
    if request.method != "POST":
        return redirect("control_panel:data")
    now, person = timezone.now(), _person(request)
    return json_answer(person, now) if form == "json" else page_answer(request, person, now)


@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
@_SENT
def data_erase(request: HttpRequest) -> HttpResponse:
    """Asks for the erasure of everything. Whoever works here is told why not."""
    if request.method == "POST":
        try:
            _ask(_person(request))
        except ErasureRefused as refusal:
            messages.error(request, str(refusal))
    return _back()


@login_required
@_SENT
def data_keep(request: HttpRequest) -> HttpResponse:
    """Takes the erasure back. No fresh sign-in: nothing is lost by it."""
    pending = _pending(_person(request))
    if request.method == "POST" and pending is not None:
        pending.revoke(timezone.now())
    return _back()


@for_purpose("answer_request")
def _person(request: HttpRequest) -> Person:
    customer: Any = request.user
    return person_of_account(customer.subject_id)


@for_purpose("answer_request")
def _ask(person: Person) -> None:
    request_erasure(person, timezone.now())


def _pending(person: Person) -> Erasure | None:
    return unfinished_of(person.subjects)


def _back() -> HttpResponse:
    response = redirect("control_panel:data")
    response.status_code = 303
    return response
