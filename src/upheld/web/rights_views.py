"""Your data: for everyone without an account, by a mailed link; and the page of an erasure.

A GET changes nothing: whoever follows links in mailboxes by machine takes nothing and ends
nothing."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from upheld.policy import current
from upheld.promises.access.models import RightsLink
from upheld.promises.access.people import Person
from upheld.promises.access.request import KIND, person_behind, request_link
from upheld.promises.age import takes_nothing_down
from upheld.promises.erasure import request_erasure, unfinished_of
from upheld.promises.erasure.models import Erasure
from upheld.promises.erasure.receipt import receipt_of
from upheld.promises.notice.opt_out import opt_out_signal
from upheld.promises.transport.client_address import client_address
from upheld.web.copy_page import json_answer, page_answer
from upheld.web.rights_form import RightsRequestForm

_STRETCH_SECONDS = 900
_PER_ADDRESS, _PER_CLIENT = 3, 30
_TOO_OFTEN = "That was asked very often just now. Please wait a quarter of an hour."


@takes_nothing_down
@require_http_methods(["GET", "HEAD", "POST"])
def rights(request: HttpRequest) -> HttpResponse:
    """Asks for an address, and shows that an opt-out signal is honored. The answer is the same
    for every address."""
    form = RightsRequestForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if _may_ask(request, form.cleaned_data["email"]):
            request_link(form.cleaned_data["email"], timezone.now())
            return render(request, "web/rights_sent.html", {"access": current().access})
        form.add_error(None, _TOO_OFTEN)
    context = {"form": form, "signal": opt_out_signal(request), "by_mail": KIND in current().mails}
    return render(request, "web/rights.html", context, status=400 if form.errors else 200)


@require_safe
def rights_link(request: HttpRequest, token: str) -> HttpResponse:
    """What the link opens. Nothing of anyone is on this page itself."""
    link = RightsLink.objects.open_by(token, timezone.now())
    if link is None:
        return render(request, "web/rights_over.html", status=404)
    pending = unfinished_of(person_behind(link).subjects)
    context = {"token": token, "pending": pending, "rules": current().erasure}
    return render(request, "web/rights_link.html", context)


@require_POST
def rights_copy(request: HttpRequest, token: str) -> StreamingHttpResponse:
    """The copy as a page to read."""
    now = timezone.now()
    return page_answer(request, _person_at(token, now), now)


@require_POST
def rights_json(request: HttpRequest, token: str) -> StreamingHttpResponse:
    """The copy as a file for other programs."""
    now = timezone.now()
    return json_answer(_person_at(token, now), now)


@require_POST
def rights_erase(request: HttpRequest, token: str) -> HttpResponse:
    """Asks for the erasure; the link opens nothing after that."""
    now = timezone.now()
    person = _person_at(token, now)
    link = RightsLink.objects.open_by(token, now)
    if link is None or not link.use(now):
        raise Http404
    erasure = request_erasure(person, now)
    response = redirect("upheld:erasure", token=erasure.token())
    response.status_code = 303
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def erasure(request: HttpRequest, token: str) -> HttpResponse:
    """How an erasure stands; its button takes it back while there is time."""
    found, now = Erasure.objects.by_token(token), timezone.now()
    if found is None:
        raise Http404
    if request.method == "POST":
        found.revoke(now)
        response = redirect("upheld:erasure", token=token)
        response.status_code = 303
        return response
    return render(request, "web/erasure.html", {"receipt": receipt_of(found, now)})


def _person_at(token: str, now: datetime) -> Person:
    link = RightsLink.objects.open_by(token, now)
    person = person_behind(link) if link else Person(frozenset())
    if not person:
        raise Http404
    return person


def _may_ask(request: HttpRequest, address: str) -> bool:
    """Counts one more try, by digests alone: of the address, and of who asks."""
    return _count("address", address.lower(), _PER_ADDRESS) and _count(
        "client", client_address(request), _PER_CLIENT
    )


def _count(what: str, value: str, most: int) -> bool:
    key = f"rights:{what}:{hashlib.sha256(value.encode()).hexdigest()}"
    used = int(cache.get(key, 0))
    cache.set(key, used + 1, _STRETCH_SECONDS)
    return used < most
