"""The log for everyone: checkpoint, tiles, entries and proof files, as C2SP defines them."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from upheld.ledger import Signer, newest_checkpoint, prove_entry
from upheld.ledger.tiles import LEVEL_MAX, TILE_WIDTH, read_bundle, read_tile
from upheld.web.public import public

_YEAR_SECONDS = 365 * 86400
_PLACE = re.compile(
    r"(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,4}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)
_TEXT, _BYTES = "text/plain; charset=utf-8", "application/octet-stream"


@public(seconds=1)
@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest checkpoint."""
    newest = newest_checkpoint()
    if newest is None:
        raise Http404
    return HttpResponse(newest.note, content_type=_TEXT)


@public(seconds=60)
@require_safe
def verifier_key(request: HttpRequest) -> HttpResponse:
    """The public key that checkpoints and proofs are checked with."""
    newest = newest_checkpoint()
    if newest is None:
        raise Http404
    return HttpResponse(f"{Signer().verifier_key(newest.origin)}\n", content_type=_TEXT)


@public(seconds=_YEAR_SECONDS)
@require_safe
def tile(request: HttpRequest, place: str) -> HttpResponse:
    """One tile of hashes, or one bundle of entries; a part of one where it is not full yet."""
    found = _PLACE.fullmatch(place)
    if found is None:
        raise Http404
    level, index = found[1], int(re.sub(r"[x/]", "", found[2]))
    width = int(found[3] or TILE_WIDTH)
    if (level != "entries" and int(level) > LEVEL_MAX) or (found[3] and width >= TILE_WIDTH):
        raise Http404
    bundle = level == "entries"
    items = (read_bundle(index) if bundle else read_tile(int(level), index))[:width]
    if len(items) < width:
        raise Http404
    sized = (len(item).to_bytes(2) + item for item in items) if bundle else iter(items)
    return HttpResponse(b"".join(sized), content_type=_BYTES)


@public(seconds=60)
@require_safe
def proof_file(request: HttpRequest, index: int) -> HttpResponse:
    """That this entry is in the log, to be checked offline."""
    proof = prove_entry(index)
    if proof is None:
        raise Http404
    name = f'attachment; filename="entry-{index}.tlog-proof"'
    return HttpResponse(proof.write(), content_type=_TEXT, headers={"Content-Disposition": name})
