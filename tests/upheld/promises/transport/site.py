"""A small site of its own for these tests: one public page, one personal, one that asks."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from upheld.web.public import public


@public(seconds=60)
def shop_window(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<p>the same for everyone</p>", headers={"X-Frame-Options": "ALLOWALL"})


def personal(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(f"scheme {request.scheme}")
    response["Cache-Control"] = "public, max-age=600"
    return response


def failing(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("not for the page")


urlpatterns = [
    path("", shop_window, name="window"),
    path("personal/", personal, name="personal"),
    path("failing/", failing, name="failing"),
]
