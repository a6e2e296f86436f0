"""Two pages: the program for everyone, and the form for whoever wants a seat."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from seats.forms import SeatForm
from seats.hold_seat import hold_seat
from seats.models import Evening
from upheld.promises.age import require_age
from upheld.web.public import public


@public(seconds=60)
@require_safe
def program(request: HttpRequest) -> HttpResponse:
    """The evenings to come. A public view is handed a request that knows nobody."""
    evenings = Evening.objects.filter(begins_at__gte=timezone.now()).order_by("begins_at")
    return render(request, "seats/program.html", {"evenings": evenings})


@require_age
@require_http_methods(["GET", "HEAD", "POST"])
def take_seat(request: HttpRequest, pk: int) -> HttpResponse:
    """The form, and the seat once it is filled in."""
    evening = get_object_or_404(Evening, pk=pk)
    form = SeatForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        seat = hold_seat(evening, now=timezone.now(), **form.cleaned_data)
        return render(request, "seats/held.html", {"evening": evening, "seat": seat})
    status = 400 if form.errors else 200
    return render(request, "seats/take.html", {"evening": evening, "form": form}, status=status)
