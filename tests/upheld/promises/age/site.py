"""A small site of its own: a guarded form, the same form left open, and a page without one."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from upheld.promises.age import admit, require_age

FORM = "<form method='post'><input name='email'><button>Send</button></form>"
taken: list[bytes] = []


def take(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        taken.append(request.body)
    return HttpResponse(FORM)


def admitting(request: HttpRequest) -> HttpResponse:
    admit(request)
    return HttpResponse("admitted")


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<p>nothing to fill in</p><input type='search' name='email'>")


# What the engine's own frame links to.
frame = [path("", plain, name="policy"), path("promises/", plain, name="promises")]
urlpatterns = [
    path("privacy/", include((frame, "upheld"))),
    path("guarded/", require_age(take), name="guarded"),
    path("admitting/", admitting, name="admitting"),
    path("plain/", plain, name="plain"),
]
