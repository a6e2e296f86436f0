"""Downloads in and out."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from upheld_store.delivery.byte_range import (
    ByteRange,
    RangeNotSatisfiable,
    parse_range,
    read_blocks,
)
from upheld_store.delivery.links import open_link
from upheld_store.delivery.models import Download


@require_safe
def download(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file behind a signed link, whole or from where an earlier fetch broke off."""
    line, file = open_link(token)
    path = Path(settings.MEDIA_ROOT) / file.path
    if not path.is_file():  # found out before a status is promised
        raise Http404
    etag = f'"{file.sha256}"'
    # An If-Range that names another version asks for the whole file (RFC 9110 13.1.5).
    same = request.headers.get("If-Range", etag) == etag
    try:
        part = parse_range(request.headers.get("Range") if same else None, file.size)
    except RangeNotSatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{file.size}"})
    whole = ByteRange(0, file.size - 1, file.size)
    if request.method == "GET" and (part is None or part.first == 0):
        Download.add_one(line.pk, file.pk)
    body = read_blocks(path, part or whole) if request.method == "GET" else iter(())
    response = StreamingHttpResponse(body, status=206 if part else 200)
    response["Content-Type"] = file.content_type
    response["Content-Length"] = str((part or whole).length)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
    response["Accept-Ranges"], response["ETag"] = "bytes", etag
    if part:
        response["Content-Range"] = part.content_range
    return response
