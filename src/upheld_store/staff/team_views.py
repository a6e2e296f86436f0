"""Who works here, and the page on which a new member sets the first password."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from upheld.promises.age import require_age
from upheld_store.staff.entrance import SECOND_FACTORS, is_staff_origin, member_of
from upheld_store.staff.forms import HireForm, MemberForm, WelcomeForm
from upheld_store.staff.hire import (
    StaffRefused,
    change_member,
    hire,
    set_first_password,
    welcome_url,
    welcomed,
)
from upheld_store.staff.models import StaffMember
from upheld_store.staff.pages import staff_page


def _team_page(
    request: HttpRequest, form: HireForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    factor = Authenticator.objects.filter(user=OuterRef("customer"), type__in=SECOND_FACTORS)
    members = StaffMember.objects.annotate(has_second_factor=Exists(factor))
    context = {
        "form": form,
        "members": [(row, MemberForm(initial={"role": row.role})) for row in members],
        **more,
    }
    return staff_page(request, member_of(request), "staff/team.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest) -> HttpResponse:
    """Members by number, and the form for one more. The link is shown to the owner once."""
    form = HireForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _team_page(request, form, status=400 if form.is_bound else 200)
    said = form.cleaned_data
    try:
        hired = hire(said["email"], said["role"], timezone.now())
    except StaffRefused as refusal:
        form.add_error(None, str(refusal))
        return _team_page(request, form, status=400)
    link = welcome_url(hired.welcome_path) if hired.welcome_path else ""
    return _team_page(request, HireForm(), hired=hired.member, link=link)


@require_POST
def change(request: HttpRequest, member_id: int) -> HttpResponse:
    """Another role for a member, or none any more."""
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _team_page(request, HireForm(), status=400, refused="Choose one of the roles.")
    try:
        change_member(member_id, form.cleaned_data["role"], active=form.cleaned_data["active"])
    except StaffRefused as refusal:
        return _team_page(request, HireForm(), status=400, refused=str(refusal))
    response = redirect("staff:team")
    response.status_code = 303
    return response


@require_age
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a new member: opens until the password is set, for whoever holds it."""
    account = welcomed(token) if is_staff_origin(request) else None
    if account is None:
        raise Http404
    form = WelcomeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            set_first_password(account, form.cleaned_data["password"])
        except ValidationError as error:
            form.add_error("password", error)
        else:
            return redirect(f"{reverse('account_login')}?next={reverse('staff:desk')}")
    return render(request, "staff/welcome.html", {"form": form}, status=400 if form.errors else 200)
