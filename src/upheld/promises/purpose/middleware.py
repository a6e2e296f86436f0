"""A request begins with the purpose of its route, or with none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import cast

from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import Resolver404, resolve

from upheld.db import entry_point


class PurposeMiddleware:
    """First in the list, so that whatever the other middleware reads is decided as the route's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The response; a streamed body is produced later, yet at the same entry point."""
        route = route_name(request)
        with entry_point("route", route):
            response = self.get_response(request)
        # A file's bytes need no purpose, and the server may send them by itself.
        if isinstance(response, StreamingHttpResponse) and not (
            isinstance(response, FileResponse) or response.is_async
        ):
            steps = cast("Iterable[bytes]", response.streaming_content)
            response.streaming_content = _at_entry_point(route, steps)
        return response


def route_name(request: HttpRequest) -> str:
    """`namespace:name` of the route, '' where no address matches or the route has no name."""
    try:
        match = resolve(request.path_info, getattr(request, "urlconf", None))
    except Resolver404:
        return ""
    return match.view_name or ""


def _at_entry_point(route: str, steps: Iterable[bytes]) -> Iterator[bytes]:
    """Each step at the route's entry point, and the server in between outside it."""
    left = iter(steps)
    while True:
        with entry_point("route", route):
            try:
                step = next(left)
            except StopIteration:
                return
        yield step
