"""For load balancers: is this process alive, and may it serve."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from upheld_store.payments.overdue import count_overdue


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 while the process answers."""
    return HttpResponse("alive\n", content_type="text/plain")


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 where the database answers, otherwise 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        overdue = count_overdue(timezone.now())
    except DatabaseError:
        return HttpResponse(
            "the database does not answer\n",
            status=503,
            content_type="text/plain",
            headers={"Retry-After": "10"},
        )
    detail = f"overdue at the gateway: {overdue}\n" if overdue.any else ""
    return HttpResponse(f"ready\n{detail}", content_type="text/plain")
