"""Customers by number: what they bought and how they sign in; who they are stays hidden."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from upheld.policy import current
from upheld.promises.purpose.models import Reveal
from upheld_store.customers.models import Customer
from upheld_store.customers.second_step import has_second_step
from upheld_store.customers.sign_outs import count_sessions, sign_out_everywhere
from upheld_store.customers.take_second_step import take_second_step
from upheld_store.orders.models import Order
from upheld_store.staff.customer_list import listed_customers
from upheld_store.staff.entrance import member_of
from upheld_store.staff.find_customer import Found, find_customer
from upheld_store.staff.forms import FindCustomerForm, RevealForm
from upheld_store.staff.pages import staff_page
from upheld_store.staff.reveal_contact import PURPOSE, reveal_account
from upheld_store.staff.roles import Right

PAGE_SIZE = 50


@require_safe
def list_customers(request: HttpRequest) -> HttpResponse:
    """Numbers, months and counts, newest first. Nobody's name, and no address."""
    asked = request.GET.get("q", "").strip().upper()[:16]
    page = Paginator(listed_customers(asked), PAGE_SIZE).get_page(request.GET.get("page"))
    return staff_page(
        request, member_of(request), "staff/customers.html", {"page": page, "q": asked}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """By an exact address, typed for a reason. It is a POST, so no address stands in a URL."""
    form = FindCustomerForm(request.POST if request.method == "POST" else None)
    found: Found | None = None
    if form.is_valid():
        viewer, now = member_of(request).viewer, timezone.now()
        found = find_customer(form.cleaned_data["email"], viewer, form.why(), now)
    context = {"form": form, "found": found}
    status = 400 if form.errors else 200
    return staff_page(
        request, member_of(request), "staff/find_customer.html", context, status=status
    )


def customer_page(
    request: HttpRequest, customer: Customer, *, status: int = 200, **more: Any
) -> HttpResponse:
    """Everything about an account but whose it is."""
    member = member_of(request)
    orders = Paginator(Order.objects.of(customer), PAGE_SIZE)
    context = {
        "customer": customer,
        "page": orders.get_page(request.GET.get("page")),
        "sessions": count_sessions(customer),
        "has_second_step": has_second_step(customer),
        "reveals": Reveal.objects.of_subjects([customer.subject_id]),
        "purpose": current().purposes[PURPOSE],
        "may_reveal": member.may(Right.REVEAL_CONTACT),
        "may_end_sessions": member.may(Right.END_SESSIONS),
        "may_forget": member.may(Right.FORGET_CHILD),
        "age": current().age_minimum_years,
        "may_take_second_step": member.may(Right.TAKE_SECOND_STEP),
        "reveal_form": RevealForm(),
        **more,
    }
    return staff_page(request, member, "staff/customer.html", context, status=status)


@require_safe
def show_customer(request: HttpRequest, number: int) -> HttpResponse:
    """One account. Whose it is stays hidden."""
    return customer_page(request, get_object_or_404(Customer, pk=number))


@require_POST
def reveal(request: HttpRequest, number: int) -> HttpResponse:
    """The same page with address, name and phone number in it, once."""
    customer = get_object_or_404(Customer, pk=number)
    form = RevealForm(request.POST)
    if not form.is_valid():
        return customer_page(request, customer, reveal_form=form, status=400)
    contact = reveal_account(customer, member_of(request).viewer, form.why(), timezone.now())
    return customer_page(request, customer, contact=contact, is_gone=contact is None)


@require_POST
def end_sessions(request: HttpRequest, number: int) -> HttpResponse:
    """Sign this person out everywhere."""
    ended = sign_out_everywhere(get_object_or_404(Customer, pk=number))
    messages.success(request, f"Sessions ended: {ended}.")
    return _see_other(number)


@require_POST
def end_second_step(request: HttpRequest, number: int) -> HttpResponse:
    """For a person who has lost device and recovery codes. Staff ask one another for it in
    person: an account that works here keeps its second factor."""
    customer = get_object_or_404(Customer, pk=number, is_staff=False)
    take_second_step(customer, timezone.now())
    messages.success(request, "The password alone signs in again. The person gets word of it.")
    return _see_other(number)


def _see_other(number: int) -> HttpResponse:
    response = redirect("staff:customer", number)
    response.status_code = 303
    return response
