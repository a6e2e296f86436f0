"""Every byte below some folders, searched for a marker in the forms in which bytes travel."""

from __future__ import annotations

import base64
import json
import quopri
import urllib.parse
from collections.abc import Iterable
from pathlib import Path


def forms_of(marker: str) -> dict[str, bytes]:
    """The marker as it may lie in a file; in base64 at each of its three alignments, without the
    letters that its neighbors share."""
    plain = marker.encode()
    forms = {
        "plain": plain,
        "utf-16-le": marker.encode("utf-16-le"),
        "utf-16-be": marker.encode("utf-16-be"),
        "url": urllib.parse.quote(marker, safe="").encode(),
        "quoted-printable": quopri.encodestring(plain).rstrip(b"=\n"),
        "json": json.dumps(marker).strip('"').encode(),
        "hex": plain.hex().encode(),
    }
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + plain).rstrip(b"=")
        forms[f"base64+{shift}"] = text[-(-shift * 8 // 6) : -1]
    return forms


def census(folders: Iterable[Path], marker: str) -> list[str]:
    """`file: form` of each hit. The case of letters does not matter."""
    forms, found = forms_of(marker), []
    for folder in folders:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            held = file.read_bytes()
            low = held.lower()
            for form, searched in forms.items():
                exact = form.startswith("base64")
                if (searched in held) if exact else (searched.lower() in low):
                    found.append(f"{file.relative_to(folder)}: {form}")
    return found
