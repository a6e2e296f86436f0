"""A small site of its own: pages that keep the promise, and pages that break it."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from upheld.promises.cookies import delete_cookie, read_cookie, set_cookie
from upheld.web.public import public


@public(seconds=60)
def shop_window(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<a href='/more/'>more</a> <img src='/picture.svg'> <a href='/self/'>x</a>")


@public(seconds=60)
def more(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<p>more</p><a href='https://vendor.example.com/'>a vendor</a>")


@public(seconds=60)
def with_foreign_picture(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<img alt='' src='https://pixel.example.com/1.gif'>")


@public(seconds=60)
def with_foreign_type(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<link rel='stylesheet' href='https://type.example.com/a.css'>")


@public(seconds=60)
def with_cookie(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("a public page with a cookie")
    set_cookie(response, request, "cart", "x")
    return response


def cart(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(read_cookie(request, "cart") or "empty")
    if request.method == "POST":
        set_cookie(response, request, "cart", "full")
    return response


def empty_cart(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("emptied")
    delete_cookie(response, request, "cart")
    return response


def greeting(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"you are {request.headers.get('User-Agent')}")


greeting.upheld_public = True  # type: ignore[attr-defined]  # marked by hand, past `public`


def tracking(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("tracked")
    response.set_cookie("visitor", "42")
    return response


urlpatterns = [
    path("", shop_window, name="window"),
    path("more/", more, name="more"),
    path("cart/", cart, name="cart"),
    path("empty/", empty_cart, name="empty"),
    path("tracking/", tracking, name="tracking"),
    path("hook/", cart, name="hook"),
]
