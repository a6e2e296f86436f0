"""The demo's mailbox: what the practice mail server caught, held in its memory alone."""

from __future__ import annotations

import json
from http.client import HTTPException

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from upheld_store.payments.practice import fetch_caught_mail


@require_safe
def caught_mail(request: HttpRequest) -> HttpResponse:
    """Newest first. Where no practice server runs, the page says so."""
    try:
        mails = fetch_caught_mail(settings.UPHELD_PRACTICE_URL)
    except (OSError, HTTPException, json.JSONDecodeError):
        mails = None
    return render(request, "site/demo_mail.html", {"mails": mails})
