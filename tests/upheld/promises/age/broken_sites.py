"""URL configurations of sites that break P32, one way each."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from tests.upheld.promises.age import site


@dataclass(frozen=True, eq=False)
class Site:
    """What Django takes in the place of a module of addresses."""

    urlpatterns: list[URLPattern | URLResolver]


def says_that_it_asks(
    view: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def open_view(request: HttpRequest) -> HttpResponse:
        return view(request)

    open_view.upheld_asks_age = True  # type: ignore[attr-defined]
    return open_view


forgotten = Site([*site.urlpatterns, path("open/", site.take, name="open")])
frame = path("privacy/", include((site.frame, "upheld")))
pretended = Site([frame, path("guarded/", says_that_it_asks(site.take), name="guarded")])
without_forms = Site([frame, path("plain/", site.plain, name="plain")])
