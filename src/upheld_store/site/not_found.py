"""404. A link out of a letter that opens nothing any more says how to get a fresh one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from upheld.web.errors import NOT_FOUND, PlainError, answer

_LINKS = ("/orders/", "/downloads/")
_LINK_OPENS_NOTHING = PlainError(
    404,
    "This link opens nothing",
    "The link of a file works for a day, and the link of an order only when it is whole. What you "
    "bought is still yours.",
    "open your order's page again, or choose Find your order above to have its link mailed",
)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same answer for what never was, what has run out and what is somebody else's."""
    is_link = request.path.startswith(_LINKS)
    return answer(request, _LINK_OPENS_NOTHING if is_link else NOT_FOUND)
