"""Sensitive acts ask for a fresh sign-in."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse


class FreshSignIn:
    """Leads to the question, and back to the page. What was sent is not kept meanwhile: allauth
    would put it into the session, with the visitor's address and browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """Answers for `ReauthenticationRequired` alone."""
        if not isinstance(exception, ReauthenticationRequired):
            return None
        methods = get_adapter().get_reauthentication_methods(request.user)
        target = methods[0]["url"] if methods else reverse("account_login")
        return HttpResponseRedirect(f"{target}?{urlencode({'next': request.path})}", status=303)
