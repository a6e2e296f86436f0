"""What staff type: about orders in declared forms, about the catalog in forms of its models."""

from __future__ import annotations

import mimetypes
import secrets
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings

from upheld.promises.collection import DeclaredForm, declared_input
from upheld.promises.purpose.models import Cause
from upheld.promises.purpose.record_reveal import Why
from upheld_store.catalog.models import Category, KeyPool, Plan, Product, Release, ReleaseFile
from upheld_store.payments.models import RefundReason
from upheld_store.staff.roles import Role
from upheld_store.staff.store_upload import store_upload

KEYS_BYTES_MAX = 5 * 1024 * 1024
# The others are the program's own.
_REASONS = [
    (reason.value, reason.label)
    for reason in (
        RefundReason.REQUESTED,
        RefundReason.DUPLICATE,
        RefundReason.MISMATCH,
        RefundReason.GOODWILL,
    )
]


class _WhyForm:
    """A form that says why staff look: a cause for the person concerned, and words for us."""

    cleaned_data: dict[str, Any]

    def why(self) -> Why:
        """Of a valid form."""
        return Why(Cause(self.cleaned_data["cause"]), self.cleaned_data["reason"])


def _cause() -> Any:
    return forms.ChoiceField(
        choices=[("", "choose …"), *Cause.choices],
        label="What is it about?",
        help_text="The person concerned is told this, with the time and your role.",
        error_messages={"required": "Choose what it is about: the person is told."},
    )


def _reason() -> Any:
    return declared_input(
        "staff.reason",
        required=True,
        max_length=500,
        label="Why do you need it?",
        help_text="In your own words, kept with your staff number for whoever checks.",
        error_messages={"required": "Say why, for example: the buyer cannot open the file."},
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RevealForm(_WhyForm, DeclaredForm):
    """Why a person's contact is looked at."""

    key = "staff_reveal"

    cause = _cause()
    reason = _reason()


class FindCustomerForm(_WhyForm, DeclaredForm):
    """An exact address, and why it is looked up."""

    key = "staff_find_customer"

    email = declared_input(
        "order.email",
        required=True,
        label="E-mail address, the whole of it",
        autocomplete="off",
        error_messages={
            "required": "Type the address as the person gave it to you.",
            "invalid": "This is not an e-mail address. It looks like name@example.com.",
        },
    )
    cause = _cause()
    reason = _reason()


class ForgetForm(DeclaredForm):
    """Whether the second step was taken, after which everything of a child goes."""

    key = "staff_forget_child"

    sure = forms.BooleanField(required=False, widget=forms.HiddenInput)


class HoldForm(DeclaredForm):
    """An order whose data must not go yet."""

    key = "staff_hold"

    order = forms.CharField(label="Order number", max_length=16)
    reason = declared_input(
        "staff.reason", required=True, max_length=200, label="Why must it stay?",
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    until = forms.DateField(
        label="Until which day?", widget=forms.DateInput(attrs={"type": "date"})
    )


class RefundForm(DeclaredForm):
    """How much of a payment goes back, and why. The buyer reads the amount, not the reason."""

    key = "staff_refund"

    payment = forms.UUIDField(widget=forms.HiddenInput)
    refund_id = forms.UUIDField(widget=forms.HiddenInput)
    amount = forms.DecimalField(
        max_digits=15, decimal_places=3, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    reason = forms.ChoiceField(choices=_REASONS, label="Why?")
    sure = forms.BooleanField(required=False, widget=forms.HiddenInput)


class SendBackForm(DeclaredForm):
    """Which button was pressed beside a refund that goes by transfer."""

    key = "staff_send_back"

    do = forms.ChoiceField(choices=[(word, word) for word in ("show", "account", "sent")])


class TransferForm(DeclaredForm):
    """Money that arrived on the bank account."""

    key = "staff_transfer"

    order = forms.CharField(label="Order number, the transfer's reference", max_length=16)
    amount = forms.DecimalField(
        label="Amount that arrived",
        max_digits=15,
        decimal_places=3,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )


class HireForm(DeclaredForm):
    """Someone who is to work here."""

    key = "staff_hire"

    email = declared_input("customer.email", required=True, label="E-mail address")
    role = forms.ChoiceField(choices=Role.choices)


class MemberForm(DeclaredForm):
    """What a member does from now on."""

    key = "staff_member"

    role = forms.ChoiceField(choices=Role.choices)
    active = forms.BooleanField(required=False, initial=True)


class WelcomeForm(DeclaredForm):
    """A new member's first password."""

    key = "staff_welcome"

    password = declared_input(
        "customer.password",
        kind=forms.CharField,
        autocomplete="new-password",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput,
        help_text="Ten characters or more.",
    )


class KeyPoolForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """A new pool of a vendor's keys."""

    class Meta:
        model = KeyPool
        fields = ["name"]
        help_texts = {"name": "Seen by staff alone, such as: Northwind Mail, single user."}


class ImportKeysForm(DeclaredForm):
    """Keys as the vendor sent them. What is bound is not shown again: a page shows no key."""

    key = "staff_import_keys"

    keys = forms.CharField(
        required=False,
        label="Keys, one a line",
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
    )
    upload = forms.FileField(required=False, label="Or a text file with one key a line")

    def clean(self) -> dict[str, Any]:
        """`text`: all of it, from the one place where something stands."""
        said = super().clean() or self.cleaned_data
        upload, typed = said.get("upload"), said.get("keys", "")
        if bool(upload) is bool(typed):
            raise forms.ValidationError("Type the keys or choose a file, one of the two.")
        if upload and upload.size > KEYS_BYTES_MAX:
            raise forms.ValidationError("The file is larger than 5 MB. Import it in parts.")
        try:
            said["text"] = upload.read().decode("utf-8") if upload else typed
        except UnicodeDecodeError:
            raise forms.ValidationError(
                "The file is no plain text. Save it as text, UTF-8, with one key a line."
            ) from None
        return said


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """A shelf."""

    class Meta:
        model = Category
        fields = ["name", "slug", "summary", "position"]


class ProductForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """What a product's page says."""

    category = forms.ModelChoiceField(Category.objects.all())
    vendor_policy_url = forms.URLField(
        required=False, assume_scheme="https", label="Address of the vendor's own policy"
    )

    class Meta:
        model = Product
        fields = [
            "name", "slug", "summary", "description", "category", "vendor_name",
            "vendor_policy_url", "published",
        ]  # fmt: skip
        widgets = {"description": forms.Textarea(attrs={"rows": 12})}

    def clean(self) -> dict[str, Any]:
        """P27: whoever sells another's product says whose policy applies to it."""
        said = super().clean() or self.cleaned_data
        if said.get("vendor_name") and not said.get("vendor_policy_url"):
            self.add_error("vendor_policy_url", "Give the address of this vendor's own policy.")
        return said


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """One way to buy a product."""

    pool = forms.ModelChoiceField(
        KeyPool.objects.all(), required=False, label="Keys from", empty_label="our own making"
    )

    class Meta:
        model = Plan
        fields = ["name", "price_minor", "currency", "licensed", "pool", "position", "active"]
        labels = {
            "price_minor": "Price, in cents",
            "licensed": "With a license key",
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["currency"].initial = settings.UPHELD_STORE_FACTS.currency

    def clean(self) -> dict[str, Any]:
        """A pool holds nothing but keys."""
        said = super().clean() or self.cleaned_data
        if said.get("pool") and not said.get("licensed"):
            self.add_error("licensed", "A plan that takes keys from a pool comes with a key.")
        return said


class ReleaseForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """One version of a product."""

    product = forms.ModelChoiceField(Product.objects.all())

    class Meta:
        model = Release
        fields = ["product", "version", "notes", "released_on"]
        widgets = {"released_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})}


class ReleaseFileForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """A file of a release. A new upload takes the place of the old one under the same name."""

    upload = forms.FileField(required=False, label="File")

    class Meta:
        model = ReleaseFile
        fields = ["name"]
        labels = {"name": "Name that buyers see"}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].required = False

    def clean(self) -> dict[str, Any]:
        """A row needs a file; its name is the upload's where none is given."""
        said = super().clean() or self.cleaned_data
        upload = said.get("upload")
        if upload is None and not self.instance.path:
            self.add_error("upload", "Choose the file that buyers get.")
        if upload is not None and not said.get("name"):
            said["name"] = Path(upload.name).name
        return said

    def save(self, commit: bool = True) -> ReleaseFile:
        """Keeps the upload below the media folder, under a random name."""
        upload = self.cleaned_data.get("upload")
        if upload is not None:
            stored = store_upload(upload.chunks(), secrets.token_hex(16))
            kind, _ = mimetypes.guess_type(self.cleaned_data["name"])
            self.instance.path, self.instance.size = stored.path, stored.size
            self.instance.sha256 = stored.sha256
            self.instance.content_type = kind or "application/octet-stream"
        row: ReleaseFile = super().save(commit)
        return row
