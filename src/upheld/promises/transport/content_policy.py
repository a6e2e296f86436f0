"""What a browser may load and where forms may lead: one header, the same on every answer."""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import HEADER
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponseBase


class ContentPolicy:
    """The header of the setting `CONTENT_SECURITY_POLICY`, written when the server starts.
    django-csp's own middleware writes it anew for each answer, so that a view can loosen it;
    here none can."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.header = build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response[HEADER] = self.header
        return response
