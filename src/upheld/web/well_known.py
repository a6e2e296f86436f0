"""What other programs look for under `/.well-known/`."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from upheld.policy import current
from upheld.web.public import public

# RFC 9116 advises less than a year. Moved on daily, so that it ends only where the site does.
_SECURITY_TEXT_DAYS = 180


@public(seconds=3600)
@require_safe
def gpc(request: HttpRequest) -> HttpResponse:
    """Global Privacy Control is honored, since the day of the policy in force."""
    return JsonResponse({"gpc": True, "lastUpdate": current().effective.isoformat()})


@public(seconds=3600)
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116: whom to tell of a hole."""
    policy, origin = current(), settings.UPHELD_ORIGIN
    day = timezone.now().astimezone(UTC).date() + timedelta(days=_SECURITY_TEXT_DAYS)
    expires = datetime.combine(day, time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = [
        f"Contact: mailto:{policy.controller.email}",
        f"Expires: {expires}",
        "Preferred-Languages: en",
        f"Canonical: {origin}{reverse('security_txt')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
