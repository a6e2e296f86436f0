"""Act: keep an uploaded file below the media folder, whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

FOLDER = "uploads"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Where it lies (below the media folder), how long it is, and its checksum."""

    path: str
    size: int
    sha256: str


def store_upload(chunks: Iterable[bytes], token: str) -> StoredFile:
    """Write `chunks` under the random name `token`: nobody can guess it, and nothing that came
    with the upload becomes a path. A reader never sees half a file."""
    target = Path(settings.MEDIA_ROOT) / FOLDER / token
    target.parent.mkdir(parents=True, exist_ok=True)
    part, digest, size = target.with_name(f".{token}.part"), hashlib.sha256(), 0
    with part.open("xb") as file:
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, target)
    return StoredFile(f"{FOLDER}/{token}", size, digest.hexdigest())
