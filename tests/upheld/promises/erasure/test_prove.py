"""P41 and P42, and what turns them red."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection, transaction

from tests.upheld.promises.erasure.conftest import asked, keeper
from upheld.db import entry_point
from upheld.ledger import append
from upheld.ledger.events import ErasuresMissing
from upheld.policy import current
from upheld.promises.erasure import prove as proofs
from upheld.promises.erasure.models import Erasure, Tombstone
from upheld.promises.mail.models import OutboxMail
from upheld.promises.proof import Proof
from upheld.promises.retention.models import Hold

Bought = Callable[[str], str]
NOW = datetime.now(UTC)
pytestmark = pytest.mark.django_db


def prove() -> list[Proof]:
    with entry_point("job", "prove"):
        return proofs.prove(current(), NOW)


def test_both_are_kept_and_leave_nothing_behind(bought: Bought) -> None:
    bought("ada@example.com")
    erasure = asked("ada@example.com", NOW)
    keeper(erasure, NOW)
    OutboxMail.objects.all().delete()
    keeper(erasure, NOW)
    before = (Erasure.objects.count(), Tombstone.objects.count())
    found = prove()
    assert [each.state for each in found] == ["kept", "kept"], [each.figure for each in found]
    assert (Erasure.objects.count(), Tombstone.objects.count()) == before
    assert not Hold.objects.exists()


def test_an_erased_subject_with_a_row_turns_p41_red(bought: Bought) -> None:
    bought("ada@example.com")
    subject = asked("ada@example.com", NOW).subjects.get().subject_id
    Erasure.objects.all().delete()
    assert prove()[0].state == "kept"
    Tombstone.set_up([subject], NOW)
    assert prove()[0].state == "broken"


def test_a_backup_put_back_without_the_list_turns_p42_red() -> None:
    assert prove()[1].state == "kept"
    with transaction.atomic():
        append(ErasuresMissing(NOW.date()), NOW)
    found = prove()[1]
    assert found.state == "broken" and "without the list of erasures" in found.figure


def test_an_eraser_that_erases_nothing_turns_both_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "erase_table", lambda *_: [])
    monkeypatch.setattr("upheld.promises.erasure.carry_on.erase_table", lambda *_: [])
    assert [each.state for each in prove()] == ["broken", "broken"]


def test_bytes_that_stay_in_a_file_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "store.sqlite3"
    file.write_bytes(b"x" * ((1 << 20) - 3) + b"marker" + b"x" * 10)
    (tmp_path / "store.sqlite3-wal").write_bytes(b"-marker-")
    monkeypatch.setattr(type(connection), "vendor", "sqlite", raising=False)
    monkeypatch.setitem(connection.settings_dict, "NAME", str(file))
    assert proofs.places_of("marker") == ["", "-wal"], "the one across two chunks too"
    assert proofs.places_of("absent") == []
