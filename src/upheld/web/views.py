"""The policy, the promises, and the pages for what went wrong."""

from __future__ import annotations

import sys

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from upheld.policy import current
from upheld.web import changes_page, policy_page, promise_page
from upheld.web.errors import BAD_REQUEST, FORBIDDEN, NOT_FOUND, TOO_LARGE, answer, answer_failure
from upheld.web.log_section import log_section
from upheld.web.public import public


@public(seconds=60)
@require_safe
def show_policy(request: HttpRequest) -> HttpResponse:
    """The privacy policy, rendered from what the program runs by."""
    policy, today = current(), timezone.now().date()
    begins_on = changes_page.begins_on(policy.version, policy.effective)
    context = policy_page.page(policy, begins_on, today)
    return render(request, "web/policy.html", context)


@public(seconds=60)
@require_safe
def show_promises(request: HttpRequest) -> HttpResponse:
    """Every promise, how it is kept, and what the last proof found."""
    policy = current()
    shown = promise_page.rows(policy, timezone.now())
    context = {
        "policy": policy,
        "sections": promise_page.by_section(shown, policy),
        "counts": promise_page.counts(shown),
        "checked_at": promise_page.checked_at(shown),
        "total": len(shown),
        "log": log_section(),
    }
    return render(request, "web/promises.html", context)


@public(seconds=60)
@require_safe
def promises_json(request: HttpRequest) -> HttpResponse:
    """The same for machines."""
    policy, now = current(), timezone.now()
    return JsonResponse(promise_page.as_json(policy, promise_page.rows(policy, now), now))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 where more was sent than is read."""
    return answer(request, TOO_LARGE if isinstance(exception, RequestDataTooBig) else BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return answer(request, FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, the same for what never was and what is not yours."""
    return answer(request, NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 where the database or the disk cannot take anything now. Django calls this
    while it handles the exception."""
    return answer_failure(request, sys.exception())
