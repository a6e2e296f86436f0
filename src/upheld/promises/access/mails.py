"""The letter with the link to what is held under an address."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.template.loader import render_to_string

from upheld.policy import current
from upheld.promises.access.models import RightsLink
from upheld.promises.access.people import addresses_of
from upheld.promises.mail.content import Content


def render_link(key: str, now: datetime) -> Content:
    """To whoever reads the mail of the link's address. Raises `ObjectDoesNotExist` where nobody
    is known there, and no letter leaves."""
    link = RightsLink.objects.get(pk=UUID(key))
    facts = {
        "page": f"{settings.UPHELD_ORIGIN}/privacy/rights/{link.token()}/",
        "minutes": current().access.link_minutes,
    }
    return letter(
        "access/mail_link", "What we hold about you", first_address([link.subject_id]), facts
    )


def first_address(subjects: list[UUID]) -> str:
    """Where mail reaches these subjects. Raises `ObjectDoesNotExist`."""
    found = addresses_of(subjects)
    if not found:
        raise ObjectDoesNotExist("Nobody can be written to.")
    return found[0]


def letter(template: str, subject: str, to: str, facts: dict[str, object]) -> Content:
    """A letter of the controller's: `template` is its path without `.txt`, `.html`."""
    facts = {"controller": current().controller, **facts}
    return Content(
        to=to,
        subject=f"{subject}: {current().controller.name}",
        text=render_to_string(f"{template}.txt", facts),
        html=render_to_string(f"{template}.html", facts),
    )
