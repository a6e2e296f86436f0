"""The age question, asked on the very page that needs the answer, before it shows a form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from upheld.policy import current
from upheld.promises.age.answer import remember, remembered
from upheld.promises.age.birth import NOT_SETTLED, OLD_ENOUGH, TOO_YOUNG
from upheld.promises.age.forms import AgeQuestion

_P = ParamSpec("_P")
View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


def require_age(view: View[_P]) -> View[_P]:
    """Decorator: the view is reached only after an answer of old enough in this browser. It goes
    outermost, so nothing of the request is read before."""

    @wraps(view)
    def asked_first(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        answer = remembered(request)
        if answer == OLD_ENOUGH or (answer is None and _is_customer(request)):
            return view(request, *args, **kwargs)
        if answer == TOO_YOUNG:
            # Whatever is sent now is not even read: going back and trying another year is no use.
            return _refuse(request)
        if request.method == "POST":
            return _take_answer(request)
        return _ask(request, AgeQuestion(today=timezone.now().date()))

    asked_first.upheld_asks_age = True  # type: ignore[attr-defined]  # read by the proof
    return asked_first


def takes_nothing_down(view: View[_P]) -> View[_P]:
    """Mark a view whose form is only compared with what we hold of someone who has answered
    before, such as a sign-in: the question would collect more than the form."""
    view.upheld_takes_nothing_down = True  # type: ignore[attr-defined]  # read by the proof
    return view


def _is_customer(request: HttpRequest) -> bool:
    """Whoever is signed in has answered before the account was opened."""
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated


class _DropFiles(FileUploadHandler):
    """Takes no file: its bytes are read past."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keeps nothing."""

    def file_complete(self, file_size: int) -> None:
        """Makes no file of it."""


def _take_answer(request: HttpRequest) -> HttpResponse:
    # A file sent along would otherwise reach the disk.
    request.upload_handlers = [_DropFiles(request)]
    today = timezone.now().date()
    if "birth_year" not in request.POST:
        return _ask(request, AgeQuestion(today=today), status=403, unread=True)
    form = AgeQuestion(request.POST, today=today)
    if not form.is_valid():
        return _ask(request, form, status=400)
    settled = form.settled(current().age_minimum_years)
    if settled == NOT_SETTLED:
        return _ask(request, form)
    if settled == TOO_YOUNG:
        response = _refuse(request)
    else:
        response = HttpResponseRedirect(request.get_full_path(), status=303)
    remember(response, request, settled)
    return response


def _ask(
    request: HttpRequest, form: AgeQuestion, *, status: int = 200, unread: bool = False
) -> HttpResponse:
    context = {
        "form": form,
        "more": form.is_bound and form.asks_for_more(current().age_minimum_years),
        "unread": unread,
    }
    return render(request, "age/question.html", context, status=status)


def _refuse(request: HttpRequest) -> HttpResponse:
    context = {"controller": current().controller}
    return render(request, "age/refused.html", context, status=403)
