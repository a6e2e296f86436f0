"""The mails of an account. Written at the moment of sending, never stored."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.template.loader import render_to_string

from upheld.db import for_purpose
from upheld.promises.mail import Content
from upheld_store.customers.models import CODE_MINUTES, LetterAbout, LetterDetail

_SUBJECTS = {
    LetterAbout.REGISTER: "Your code for {store}",
    LetterAbout.RESET: "Your code for a new password",
    LetterAbout.CHANGE_EMAIL: "Your code for this address",
    LetterAbout.PASSWORD_CHANGED: "Your password was changed",
    LetterAbout.EMAIL_CHANGED: "The address of your account was changed",
    LetterAbout.FACTOR_CHANGED: "The ways to sign in to your account were changed",
}


@for_purpose("manage_account")
def render_code(key: str, now: datetime) -> Content:
    """A code. To whom has an account already no code is sent that would open another: the letter
    says that someone tried. For a new password the address must have an account: else this
    raises `EmailAddress.DoesNotExist`, and no letter leaves."""
    detail = LetterDetail.objects.select_related("letter").get(pk=UUID(key))
    known = EmailAddress.objects.filter(email=detail.email, verified=True).first()
    about = detail.letter.about
    if about == LetterAbout.RESET and known is None:
        raise EmailAddress.DoesNotExist
    return _content(detail, "code", known=known is not None and about != LetterAbout.RESET)


@for_purpose("manage_account")
def render_notice(key: str, now: datetime) -> Content:
    """Word of a change, to the address that was the account's when it was made."""
    return _content(LetterDetail.objects.select_related("letter").get(pk=UUID(key)), "notice")


def _content(detail: LetterDetail, template: str, *, known: bool = False) -> Content:
    letter, store = detail.letter, settings.UPHELD_STORE_FACTS.name
    context = {
        "about": letter.about,
        "what": letter.get_about_display(),
        "known": known,
        "code": "" if known else letter.code(),
        "minutes": CODE_MINUTES,
        "origin": settings.UPHELD_ORIGIN,
        "store": store,
    }
    return Content(
        to=detail.email,
        subject=_SUBJECTS[LetterAbout(letter.about)].format(store=store),
        text=render_to_string(f"account/mail/{template}.txt", context),
        html=render_to_string(f"account/mail/{template}.html", context),
    )
