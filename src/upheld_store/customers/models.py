"""A customer is a number and a few flags; whatever names the person stands in tables beside."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models, transaction
from django.db.models import F

from upheld.vault import lasting_key

CODE_DIGITS = 8
CODE_MINUTES = 15
TRIES_MAX = 5


class CustomerManager(BaseUserManager["Customer"]):
    """Makes customers and finds them by what is not personal."""

    def make(self, today: date, **flags: bool) -> Customer:
        """A new customer without a password, who therefore cannot sign in yet."""
        customer = self.model(joined_on=today, active_month=today.replace(day=1), **flags)
        customer.save(force_insert=True)
        return customer

    def get_by_natural_key(self, username: str | None) -> Customer:
        """By subject number, which is what Django takes for a user's name."""
        return self.get(subject_id=username or "")


class Customer(AbstractBaseUser, PermissionsMixin):
    """The user of Django's and of allauth. No column is personal, so anything may join it: the
    address is allauth's `EmailAddress`, the password's digest is in `Credential`, name and phone
    number are in `CustomerProfile`."""

    last_login = None
    subject_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    joined_on = models.DateField()
    # What periods count from: the first day of the month of the last sign-in, and no finer.
    active_month = models.DateField()

    USERNAME_FIELD = "subject_id"
    REQUIRED_FIELDS = ["joined_on", "active_month"]
    objects: ClassVar[CustomerManager] = CustomerManager()

    class Meta:
        db_table = "store_customers_customer"

    def __str__(self) -> str:
        return f"customer {self.pk}"

    @property
    def password(self) -> str:
        """The digest, read from `Credential` when it is asked for."""
        if "_digest" not in self.__dict__:
            held = Credential.objects.filter(customer_id=self.pk).first() if self.pk else None
            self._digest = held.password if held else ""
        return self._digest

    @password.setter
    def password(self, digest: str) -> None:
        self._digest, self._digest_changed = digest, True

    def hold(self, digest: str) -> None:
        """Take the digest as it was just read, so that nothing has to read it again."""
        self._digest = digest

    def save(self, **options: Any) -> None:
        """The row itself, and the digest beside it where that changed."""
        fields = options.get("update_fields")
        if fields is not None:
            options["update_fields"] = [name for name in fields if name != "password"]
        with transaction.atomic():
            super().save(**options)
            if self.__dict__.pop("_digest_changed", False):
                Credential.objects.update_or_create(
                    customer_id=self.pk, defaults={"password": self._digest}
                )

    def note_active(self, today: date) -> None:
        """A sign-in: the periods begin anew with this month."""
        month = today.replace(day=1)
        if self.active_month < month:
            Customer.objects.filter(pk=self.pk).update(active_month=month)
            self.active_month = month


class Credential(models.Model):
    """The digest of a customer's password."""

    customer = models.OneToOneField(
        Customer, models.CASCADE, primary_key=True, related_name="credential"
    )
    password = models.CharField(max_length=200)

    class Meta:
        db_table = "store_customers_credential"

    def __str__(self) -> str:
        return str(self.customer_id)


class CustomerProfile(models.Model):
    """What a customer tells us of themselves."""

    customer = models.OneToOneField(
        Customer, models.CASCADE, primary_key=True, related_name="profile"
    )
    name = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "store_customers_profile"

    def __str__(self) -> str:
        return str(self.customer_id)


class LetterAbout(models.TextChoices):
    """What a letter to an account's address is about."""

    REGISTER = "register", "opening an account"
    RESET = "reset", "a new password"
    CHANGE_EMAIL = "change_email", "a new address"
    PASSWORD_CHANGED = "password_changed", "the password was changed"
    EMAIL_CHANGED = "email_changed", "the address was changed"
    FACTOR_CHANGED = "factor_changed", "the ways to sign in were changed"


class AccountLetter(models.Model):
    """A letter to an account's address, or to one that may become such; most carry a code. The
    code is derived from a lasting key, so a stolen database confirms nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject_id = models.UUIDField()
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="+")
    about = models.CharField(max_length=20, choices=LetterAbout.choices)
    made_at = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "store_customers_letter"

    def __str__(self) -> str:
        return f"{self.about} {self.pk}"

    def code(self) -> str:
        """Digits that only the letter tells."""
        mac = hmac.new(lasting_key("mailed_codes"), self.pk.bytes, hashlib.sha256).digest()
        return f"{int.from_bytes(mac[:8], 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"

    def redeem(self, code: str, now: datetime) -> bool:
        """Whether this is the code. It works once, for a quarter of an hour, and of five tries
        each counts, the right one too."""
        oldest = now - timedelta(minutes=CODE_MINUTES)
        open_letters = AccountLetter.objects.filter(
            pk=self.pk, used_at=None, tries__lt=TRIES_MAX, made_at__gt=oldest
        )
        if not open_letters.update(tries=F("tries") + 1):
            return False
        if not hmac.compare_digest(code.encode(), self.code().encode()):
            return False
        return bool(AccountLetter.objects.filter(pk=self.pk, used_at=None).update(used_at=now))


class LetterDetail(models.Model):
    """Where the letter goes, and the digest of the password that its code would set."""

    letter = models.OneToOneField(
        AccountLetter, models.CASCADE, primary_key=True, related_name="detail"
    )
    email = models.EmailField(max_length=254)
    password = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "store_customers_letterdetail"

    def __str__(self) -> str:
        return str(self.letter_id)


class SignIn(models.Model):
    """A session. What it holds is sealed; its key is known to the browser alone. Neither address
    nor browser is noted."""

    key_digest = models.CharField(primary_key=True, max_length=64)
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="sign_ins")
    data = models.BinaryField()
    started_at = models.DateTimeField()
    renewed_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "store_customers_signin"

    def __str__(self) -> str:
        return "a session"


class RateKey(models.Model):
    """The random key of an hour. What was counted under it names nobody once it is gone."""

    hour = models.BigIntegerField(primary_key=True)
    key = models.BinaryField()

    class Meta:
        db_table = "store_customers_ratekey"

    def __str__(self) -> str:
        return str(self.hour)


class RateCount(models.Model):
    """How often something was tried lately: a keyed digest, and a few times."""

    digest = models.CharField(primary_key=True, max_length=64)
    value = models.TextField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "store_customers_ratecount"

    def __str__(self) -> str:
        return "a count"
