"""A customer's own pages. Every order is looked up among the customer's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from upheld.policy import current
from upheld.promises.disclosure.listing import disclosures_of
from upheld.promises.purpose.looks import looks_at
from upheld_store.control_panel.correct_order import (
    PAYER,
    contact_of,
    correct_contact,
    correct_payer,
    payer_of,
)
from upheld_store.control_panel.forms import OwnOrderForm
from upheld_store.customers.edit_profile import edit_profile, profile_of
from upheld_store.customers.forms import ChangeEmailForm, ProfileForm
from upheld_store.customers.limits import may_try
from upheld_store.customers.models import LetterAbout
from upheld_store.customers.second_step import has_second_step
from upheld_store.customers.sign_outs import sessions_of
from upheld_store.customers.write_letter import write_letter
from upheld_store.licensing.issue_keys import keys_of_all
from upheld_store.orders.models import Order, OrderState

PAGE_SIZE = 30
NEWEST = 5
_FORM = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What was bought lately, how safe the account is, and the way to everything else."""
    customer: Any = request.user
    context = {
        "profile": profile_of(customer),
        "orders": _linked(_of(customer)[:NEWEST]),
        "has_second_step": has_second_step(customer),
        "sessions": len(sessions_of(customer, request.session.session_key or "")),
    }
    return render(request, "control_panel/home.html", context)


@login_required
@_FORM
def profile(request: HttpRequest) -> HttpResponse:
    """Edit Profile: name and phone number here; address, password, passkeys and each order's
    details are one link away."""
    customer: Any = request.user
    held = profile_of(customer)
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=held)
    if form.is_valid():
        edit_profile(customer, form.cleaned_data["name"], form.cleaned_data["phone"])
        messages.success(request, "Saved.")
        return redirect("control_panel:profile")
    context = {"form": form, "email": held["email"], "orders": _of(customer)[:NEWEST]}
    return _page(request, "control_panel/profile.html", context)


@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
@_FORM
def change_address(request: HttpRequest) -> HttpResponse:
    """Another address: a code goes there, and word of the change to the old one."""
    customer: Any = request.user
    form = ChangeEmailForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        email = form.cleaned_data["email"]
        if may_try(request, "letter", email):
            now = timezone.now()
            letter = write_letter(LetterAbout.CHANGE_EMAIL, email, now, customer=customer)
            return redirect("account_code", letter=letter.pk)
        form.add_error(None, "That was tried very often just now. Please wait a little.")
    return _page(request, "control_panel/address.html", {"form": form})


@login_required
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """Everything bought, the newest first; each leads to its page with files and keys."""
    customer: Any = request.user
    page = Paginator(_of(customer), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "orders": _linked(page.object_list)}
    return render(request, "control_panel/orders.html", context)


@login_required
@_FORM
def order(request: HttpRequest, number: str) -> HttpResponse:
    """Corrects what one order holds of its customer. Another's order looks like none."""
    customer: Any = request.user
    mine, now = Order.objects.of(customer).filter(number=number).first(), timezone.now()
    if mine is None:
        raise Http404
    contact, payer = contact_of(mine), payer_of(mine, now)
    sent = request.POST if request.method == "POST" else None
    form = OwnOrderForm(sent, initial={"name": contact.name}, payer=payer)
    if form.is_valid():
        given = form.cleaned_data
        email = profile_of(customer)["email"] if given["use_account_address"] else None
        correct_contact(mine, given["name"], email)
        correct_payer(mine, {name: given[name] for name in PAYER if name in given}, now)
        messages.success(request, "Saved.")
        return redirect("control_panel:order", number=number)
    context = {"form": form, "order": mine, "email": contact.email}
    return _page(request, "control_panel/order.html", context)


@login_required
@require_safe
def licenses(request: HttpRequest) -> HttpResponse:
    """Every license key of paid orders."""
    customer: Any = request.user
    paid = _of(customer).filter(state=OrderState.PAID)
    page = Paginator(paid, PAGE_SIZE).get_page(request.GET.get("page"))
    keys = keys_of_all(page.object_list)
    held = [(order, path, keys[order.pk]) for order, path in _linked(page) if keys[order.pk]]
    return render(request, "control_panel/licenses.html", {"held": held, "page": page})


@login_required
@require_safe
def looks(request: HttpRequest) -> HttpResponse:
    """Who of the staff was shown something of this customer or of one of their orders."""
    customer: Any = request.user
    subjects = Order.objects.of(customer).values_list("subject_id", flat=True)
    found = looks_at([customer.subject_id, *subjects], current())
    return render(request, "control_panel/looks.html", {"looks": found})


@login_required
@require_safe
def disclosures(request: HttpRequest) -> HttpResponse:
    """Who received what of this customer, from the account and from each of their orders."""
    customer: Any = request.user
    orders = dict(Order.objects.of(customer).order_by().values_list("subject_id", "number"))
    page = Paginator(disclosures_of([customer.subject_id, *orders]), PAGE_SIZE)
    context = {"page": page.get_page(request.GET.get("page")), "orders": orders}
    return render(request, "control_panel/disclosures.html", context)


def _of(customer: Any) -> QuerySet[Order]:
    return Order.objects.of(customer).prefetch_related("lines")


def _linked(orders: Iterable[Order]) -> list[tuple[Order, str]]:
    return [(order, order.page_path(order.first_token())) for order in orders]


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    status = 400 if context["form"].errors else 200
    return render(request, template, context, status=status)
