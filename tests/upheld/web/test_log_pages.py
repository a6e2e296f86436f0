"""The log over HTTP: whoever knows the specifications alone can check it."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client

from tests.upheld.ledger.test_log import fill
from upheld.ledger import go_on, newest_checkpoint, read_checkpoint, read_proof
from upheld.ledger.note import read_verifier_key
from upheld.ledger.tiles import TILE_WIDTH
from upheld.ledger.tree import leaf_hash, tree_root

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_keys", "open_connection")]
LOG = "/privacy/log"


def get(client: Client, path: str) -> bytes:
    answer = client.get(f"{LOG}/{path}")
    assert answer.status_code == 200, path
    return answer.content


def test_checkpoint_key_and_tiles_fit_one_another(client: Client) -> None:
    fill(TILE_WIDTH + 5)
    point = read_checkpoint(get(client, "checkpoint"))
    name, public = read_verifier_key(get(client, "key").decode())
    assert point.is_signed_by(public) and name == point.origin and point.size == TILE_WIDTH + 5
    leaves, entries = b"", b""
    for place in ("000", "001.p/5"):
        leaves += get(client, f"tile/0/{place}")
        entries += get(client, f"tile/entries/{place}")
    hashes = [leaves[at : at + 32] for at in range(0, len(leaves), 32)]
    assert tree_root(hashes) == point.root
    told = []
    while entries:
        size = int.from_bytes(entries[:2])
        told.append(hashlib.sha256(b"\x00" + entries[2 : 2 + size]).digest())
        entries = entries[2 + size :]
    assert told == hashes
    assert get(client, "tile/1/000.p/1") == tree_root(hashes[:TILE_WIDTH])


def test_how_long_each_may_be_kept(client: Client) -> None:
    fill(3)
    for path, seconds, kind in (
        ("checkpoint", 1, "text/plain; charset=utf-8"),
        ("tile/0/000.p/3", 365 * 86400, "application/octet-stream"),
        ("proof/0.tlog-proof", 60, "text/plain; charset=utf-8"),
    ):
        answer = client.get(f"{LOG}/{path}")
        assert answer["Cache-Control"] == f"public, max-age={seconds}"
        assert answer["Content-Type"] == kind and not answer.cookies


@pytest.mark.parametrize(
    "place",
    [
        "0/000", "0/000.p/4", "0/000.p/0", "0/000.p/256", "0/001.p/1", "1/000.p/1", "64/000.p/1",
        "00/000.p/1", "0/0.p/1", "0/x000/001.p/1", "0/x000", "entries/000", "-1/000", "0/000.p/03",
        "0/x999/x999/x999/x999/999", "0/x999/x999/x999/x999/x999/999", "٠/000.p/1", "data/000.p/1",
    ],
)  # fmt: skip
def test_what_is_no_tile_is_not_found(client: Client, place: str) -> None:
    fill(3)
    assert client.get(f"{LOG}/tile/{quote(place)}").status_code == 404


def test_before_the_first_entry_there_is_nothing(client: Client) -> None:
    for path in ("checkpoint", "key", "proof/0.tlog-proof", "tile/0/000.p/1"):
        assert client.get(f"{LOG}/{path}").status_code == 404


def test_a_proof_file_is_checked_without_us(client: Client) -> None:
    fill(TILE_WIDTH + 5)
    _, public = read_verifier_key(get(client, "key").decode())
    for index in (0, 7, TILE_WIDTH - 1, TILE_WIDTH, TILE_WIDTH + 4):
        data = get(client, f"proof/{index}.tlog-proof")
        proof = read_proof(data)
        assert proof.holds(public) and proof.index == index and proof.write() == data
        assert f'"index":{index}}}'.encode() in proof.leaf
        assert not proof.holds(bytes(32)) and not proof.holds(public, "another.example.com")
    assert client.get(f"{LOG}/proof/{TILE_WIDTH + 5}.tlog-proof").status_code == 404
    assert client.get(f"{LOG}/proof/{10**30}.tlog-proof").status_code == 404


def test_a_proof_is_a_few_statements_long_however_long_the_log(
    client: Client, django_assert_max_num_queries
) -> None:
    fill(2 * TILE_WIDTH + 9)
    with django_assert_max_num_queries(8):
        get(client, "proof/3.tlog-proof")


def page(client: Client) -> str:
    return client.get("/privacy/promises/").content.decode()


def test_the_promises_page_leads_to_log_and_proofs(client: Client) -> None:
    assert 'id="log"' not in page(client)
    fill()
    text = page(client)
    assert "11 entries so far" in text and f'href="{LOG}/checkpoint"' in text
    assert "another name" not in text


def test_the_page_says_when_the_log_went_on_after_a_restore(client: Client) -> None:
    fill()
    newest = newest_checkpoint()
    assert newest is not None
    with transaction.atomic():
        go_on(newest, datetime(2026, 11, 26, tzinfo=UTC))
    assert "Nothing was lost: all 11 entries" in page(client)
    longer = type(newest)(newest.origin, 40, leaf_hash(b"x"), b"")
    with transaction.atomic():
        go_on(longer, datetime(2026, 11, 27, tzinfo=UTC))
    text = re.sub(r"\s+", " ", page(client))
    assert (
        "Of the 40 entries that the newest known checkpoint vouched for, the log has kept 12"
        in text
    )
