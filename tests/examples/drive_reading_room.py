"""Goes through the reading room as its guests and its keeper do, in a process of its own, because
one process has one set of settings. Prints what it saw as JSON."""

from __future__ import annotations

import json
import re
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import StringIO

import django

django.setup()

from django.core.management import call_command  # noqa: E402  # needs the set-up above
from django.core.management.base import CommandError  # noqa: E402
from django.test import Client  # noqa: E402
from seats.models import Evening, SeatHolder  # noqa: E402

from upheld import keeping  # noqa: E402
from upheld.policy import PolicyViolation  # noqa: E402

SAME_SITE = {"HTTP_SEC_FETCH_SITE": "same-origin"}


def _spoken(verb: str, *words: str) -> str:
    out = StringIO()
    call_command(verb, *words, stdout=out)
    return out.getvalue()


def _prove() -> list[str]:
    """Line by line, whether or not one of them says broken."""
    out = StringIO()
    with suppress(CommandError):
        call_command("upheld", "prove", stdout=out)
    return out.getvalue().splitlines()


def _refusal(attempt: object) -> str:
    try:
        list(attempt)  # type: ignore[call-overload]  # evaluated here, outside of any purpose
    except PolicyViolation as refusal:
        return str(refusal)
    return ""


def _take_a_seat(client: Client, evening: Evening, name: str) -> str:
    page = f"/evenings/{evening.pk}/"
    shown = client.get(page, follow=True)
    if "birth_year" in shown.content.decode():
        year = {"birth_year": "1990"}
        shown = client.post(shown.request["PATH_INFO"], year, follow=True, **SAME_SITE)
    email = f"{name.lower()}@example.com"
    held = client.post(page, {"name": name, "email": email}, **SAME_SITE)
    return re.search(r"<h1>(.*?)</h1>", held.content.decode()).group(1)  # type: ignore[union-attr]


def main() -> None:
    """Every step, in the order of the README."""
    seen: dict[str, object] = {"upgraded": _spoken("upheld", "upgrade")}
    now = datetime.now(UTC)
    evening = Evening.objects.create(title="A reading", begins_at=now + timedelta(days=1), seats=1)
    client = Client(HTTP_HOST="127.0.0.1:8000")
    program = client.get("/")
    seen["program"] = [
        program.status_code,
        list(program.cookies),
        "A reading" in str(program.content),
    ]
    policy = client.get("/privacy/").content.decode()
    seen["policy_names_the_period"] = "30 days" in policy
    seen["first"] = _take_a_seat(client, evening, "Ada")
    seen["second"] = _take_a_seat(client, evening, "Grace")
    seen["refusal"] = _refusal(SeatHolder.objects.values_list("email", flat=True))
    seen["door_list"] = _spoken("door_list").split("\n")
    seen["proofs"] = [line.split(maxsplit=2) for line in _prove()]
    seen["due_too_early"] = keeping.keep(now + timedelta(days=29)).get("rows", 0)
    keeping.keep(now + timedelta(days=31))
    seen["holders_left"] = SeatHolder.objects.count()
    seen["store_imported"] = sorted(m for m in sys.modules if m.startswith("upheld_store"))
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
