"""The copy of a person's data as answers: a file, and a page to read. Both are made while they are
sent, under the purpose of `[access]`, and kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db import models
from django.http import HttpRequest, StreamingHttpResponse
from django.template.loader import render_to_string
from django.utils.dateformat import format as date_format
from django.utils.text import capfirst

from upheld.db import stream
from upheld.policy import current
from upheld.policy.facts import plain
from upheld.promises.access.copy import CONTENT_TYPE, json_copy, readable
from upheld.promises.access.held import Record, Value, held_rows
from upheld.promises.access.people import Person
from upheld.promises.retention.walk import model_of

_MARK = "<!-- records -->"


def json_answer(person: Person, now: datetime) -> StreamingHttpResponse:
    """JSON-LD to keep."""
    steps = stream(current().access.purpose, json_copy(person, now))
    response = StreamingHttpResponse(steps, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="your-data-{now:%Y-%m-%d}.json"'
    return _private(response)


def page_answer(request: HttpRequest, person: Person, now: datetime) -> StreamingHttpResponse:
    """A page to read."""
    around = render_to_string("web/copy.html", {"now": now, "policy": current()}, request)
    head, _, tail = around.partition(_MARK)
    steps = stream(current().access.purpose, _page(head, tail, person, now))
    return _private(StreamingHttpResponse(steps, content_type="text/html; charset=utf-8"))


def _page(head: str, tail: str, person: Person, now: datetime) -> Iterator[bytes]:
    yield head.encode()
    before = ""
    for record in held_rows(person, now):
        values = [_shown(value) for value in record.values if _is_shown(record, value)]
        if values:
            facts = {
                "title": title_of(record) if record.table.name != before else "",
                "values": values,
            }
            before = record.table.name
            yield render_to_string("web/copy_record.html", facts).encode()
    yield (tail if before else f"<p>We hold nothing.</p>{tail}").encode()


def title_of(record: Record) -> str:
    """What a row is, as its model calls itself."""
    return str(capfirst(model_of(record.table.name)._meta.verbose_name))


def _is_shown(record: Record, value: Value) -> bool:
    """A page leaves out what says nothing to a reader: empty columns, digests, numbers that only
    join rows. All of it is in the file."""
    if value.why_not:
        return True
    if value.value in (None, "") or value.column.endswith("digest"):
        return False
    return bool(value.fields) or value.column not in _joining(record.table.name)


def _joining(table: str) -> set[str]:
    joins = (models.UUIDField, models.BooleanField, models.ForeignKey, models.BinaryField)
    return {
        str(field.column)
        for field in model_of(table)._meta.concrete_fields
        if field.primary_key or isinstance(field, joins)
    }


def _shown(value: Value) -> dict[str, Any]:
    fields = current().fields
    words = "; ".join(plain(fields[name].words) for name in value.fields)
    return {
        "words": capfirst(words or value.column.removesuffix("_id").replace("_", " ")),
        "text": value.why_not or _text(value.value),
        "is_note": bool(value.why_not),
        "until": value.kept_until,
    }


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{date_format(value, 'j F Y, H:i')} UTC"
    if isinstance(value, date):
        return date_format(value, "j F Y")
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return value if isinstance(value, str) else readable(value)


def _private(response: StreamingHttpResponse) -> StreamingHttpResponse:
    response["Cache-Control"] = "no-store"
    return response
