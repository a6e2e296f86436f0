"""Views that answer everyone alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse

_P = ParamSpec("_P")
View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


def public(*, seconds: int) -> Callable[[View[_P]], View[_P]]:
    """Marks a view whose page is the same for everyone, for at most `seconds` in any cache.

    The middleware `PublicPages` hands such a view a request that knows nobody, so the view
    cannot break this by mistake."""
    if seconds < 1:
        raise ValueError("A public page is kept for at least one second.")

    def mark(view: View[_P]) -> View[_P]:
        @wraps(view)
        def marked(request: HttpRequest, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
            return view(request, *args, **kwargs)

        marked.upheld_public = True  # type: ignore[attr-defined]  # read through the helpers below
        marked.upheld_public_seconds = seconds  # type: ignore[attr-defined]  # as above
        return cast("View[_P]", marked)

    return mark


def is_public(view: Callable[..., Any]) -> bool:
    """Whether a callable of the URL configuration is marked."""
    return bool(getattr(view, "upheld_public", False))


def public_seconds(view: Callable[..., Any]) -> int:
    """How long the marked view's page may be kept."""
    return int(getattr(view, "upheld_public_seconds", 0))
