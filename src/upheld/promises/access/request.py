"""Act: somebody asks what is held under an address, and gets a link there."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from upheld.promises import mail
from upheld.promises.access.models import RightsLink
from upheld.promises.access.people import Person, addresses_of, guests_at
from upheld.promises.mail.models import OutboxMail, SentMail

KIND = "rights_link"
TABLE = RightsLink._meta.db_table
_UNSENT_KEPT = timedelta(days=1)


def request_link(address: str, now: datetime) -> RightsLink:
    """Make a link for this address and queue its letter. For an unknown one the same is done about
    a number that is nobody's: its letter finds no address when it is written, and is dropped.
    Under the purpose of `[access]`."""
    known = guests_at(address).subjects
    with transaction.atomic():
        link = RightsLink.make(min(known) if known else uuid.uuid4(), now)
        ground = mail.Contract(TABLE, str(link.pk))
        mail.compose(KIND, subject=link.subject_id, ground=ground, now=now).queue()
    return link


def person_behind(link: RightsLink) -> Person:
    """Everyone without an account under the link's address, as of now."""
    found = frozenset[uuid.UUID]()
    for address in addresses_of([link.subject_id]):
        found |= guests_at(address).subjects
    return Person(found)


def prune_links(now: datetime) -> int:
    """The periodic act: links whose letter never left go after a day. Those that a letter carried
    stay as its ground, and open nothing. Returns how many went."""
    old = RightsLink.objects.filter(made_at__lt=now - _UNSENT_KEPT)
    keys = {str(key): key for key in old.values_list("pk", flat=True)}
    for letters in (SentMail.objects.all(), OutboxMail.objects.all()):
        of_links = letters.filter(ground_table=TABLE)
        for key in of_links.values_list("ground_key", flat=True).iterator():
            keys.pop(key, None)
    with transaction.atomic():
        return RightsLink.objects.filter(pk__in=list(keys.values())).delete()[0]
