"""The one door to every staff page: own address, signed in, works here, second factor used, and
the right that the page asks for. In this order, so that a stranger learns nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from upheld.promises.transport.origin import parse_origin
from upheld_store.staff.models import StaffMember
from upheld_store.staff.pages import staff_page
from upheld_store.staff.roles import right_for

SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
_MEMBER = "upheld_staff_member"

View = Callable[..., HttpResponseBase]


def guarded(view: View) -> View:
    """`view`, behind the door. Whoever passed it is found again by `member_of`."""

    @wraps(view)
    def behind_the_door(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        return _stopped(request) or view(request, *args, **options)

    return behind_the_door


def member_of(request: HttpRequest) -> StaffMember:
    """The staff member who passed the door."""
    member: StaffMember = getattr(request, _MEMBER)
    return member


def _stopped(request: HttpRequest) -> HttpResponse | None:
    """The answer instead of the page; None where the request may pass."""
    if not is_staff_origin(request):
        raise Http404
    if not request.user.is_authenticated:
        return _go("account_login", request)
    member = StaffMember.objects.working(request.user.pk)
    if member is None:
        raise Http404
    if not is_mfa_enabled(request.user, types=SECOND_FACTORS):
        # The one page that opens without: it leads to where a second factor is set up.
        return render(request, "staff/second_factor.html", {"signed_in": True}, status=403)
    if not _used_second_factor(request):
        return _go("mfa_reauthenticate", request)
    return _without_right(request, member)


def is_staff_origin(request: HttpRequest) -> bool:
    """Whether the request came to the address that staff pages answer on."""
    if not settings.UPHELD_STAFF_ORIGIN:
        return True
    here = parse_origin(f"{request.scheme}://{request.get_host()}")
    return here == parse_origin(settings.UPHELD_STAFF_ORIGIN)


def _go(route: str, request: HttpRequest) -> HttpResponse:
    # Only a page can be returned to: a form would be sent anew without its words.
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else reverse("staff:desk")
    return redirect(f"{reverse(route)}?{urlencode({'next': back})}")


def _used_second_factor(request: HttpRequest) -> bool:
    """A session from before the second factor was set up did not use it."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def _without_right(request: HttpRequest, member: StaffMember) -> HttpResponse | None:
    match = request.resolver_match
    right = right_for(match.view_name if match else "", request.method or "")
    if right is None or not member.may(right):
        return staff_page(request, member, "staff/no_right.html", {"right": right}, status=403)
    setattr(request, _MEMBER, member)
    # SameOriginWrites has refused what another site sent; Django's own check needs a token.
    request.csrf_processing_done = True  # type: ignore[attr-defined]  # Django's own mark
    return None
