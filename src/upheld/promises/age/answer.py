"""What a browser remembers of the age question: one word, the same for everyone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from upheld.policy.errors import TooYoung
from upheld.promises.age.birth import OLD_ENOUGH, TOO_YOUNG
from upheld.promises.cookies import read_cookie, set_cookie

COOKIE = "age"


def remembered(request: HttpRequest) -> str | None:
    """The answer given in this browser, or None. Like the answer itself it is the visitor's own
    word, so a signature would add nothing."""
    said = read_cookie(request, COOKIE)
    return said if said in {OLD_ENOUGH, TOO_YOUNG} else None


def remember(response: HttpResponse, request: HttpRequest, answer: str) -> None:
    """Until the browser is closed."""
    set_cookie(response, request, COOKIE, answer)


def admit(request: HttpRequest) -> None:
    """For code that is about to collect something outside of a guarded view. Raises `TooYoung`
    unless this browser's answer was old enough."""
    if remembered(request) != OLD_ENOUGH:
        raise TooYoung(
            clause="P33",
            field="anything of this visitor's",
            remedy="Put @require_age on the view: it asks before the form is shown.",
        )
