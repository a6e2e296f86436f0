"""B3: the power fails at any moment while people buy and a key that is due is destroyed. Whatever
the disk then holds, nothing acknowledged is lost, and no key comes back from the dead."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.template import run_python
from tests.upheld_store.at_once import at_once
from tests.weather.buyer import Buyer, Seen
from tests.weather.old_vault import plant
from tests.weather.power_loss import Note, Platter, read_notes
from tests.weather.store import Store

pytestmark = [pytest.mark.deep, pytest.mark.sqlite_only]

PYTHON = "/usr/bin/python3"  # Debian's, which python3-fusepy belongs to
DISK = Path(__file__).with_name("forgetful_disk.py")
BUYERS, EACH = 3, 3
Stamps = list[tuple[float, str, str]]


@contextmanager
def forgetful_disk(under: Path, notes: Path, mount: Path) -> Iterator[None]:
    """Mounted over `under`. Where that cannot be, the test is skipped loudly."""
    mount.mkdir()
    said = notes.with_suffix(".said")
    with said.open("w") as log:
        words = [PYTHON, str(DISK), str(under), str(mount), str(notes)]
        disk = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 15
        while not os.path.ismount(mount) and disk.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        if not os.path.ismount(mount):
            why = "FUSE cannot be mounted here, so power loss was not tried (python3-fusepy, "
            why += f"/dev/fuse): {said.read_text()[-300:]}"
            pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
        yield
    finally:
        if os.path.ismount(mount):
            subprocess.run(["fusermount", "-uz", str(mount)], check=True)
        disk.terminate()
        disk.wait(timeout=15)


class Recording:
    """A store on a disk that remembers: what it wrote, and what it promised to whom, when."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.seen = store, Seen()
        self.stamps: Stamps = []
        self.day = plant(store, 60)
        self.before = folder / "before"
        for name in ("home", "keys"):
            shutil.copytree(store.folder / name, self.before / name, ignore=_MEDIA)
        for name in ("media", "static"):
            if (store.folder / "home" / name).is_dir():
                (self.before / "home" / name).symlink_to(store.folder / "home" / name)
        under = shutil.copytree(self.before, folder / "under", symlinks=True)
        notes, mount = folder / "notes", folder / "mount"
        with forgetful_disk(under, notes, mount):
            store.environ |= {"UPHELD_HOME": f"{mount}/home", "UPHELD_KEYS": f"{mount}/keys"}
            try:
                store.start()
                at_once(BUYERS, self._shop)
            finally:
                store.kill()
        self.notes = read_notes(notes)

    def _shop(self, number: int) -> None:
        """Each buyer notes what it was told, a moment after it was told."""
        for turn in range(EACH):
            buyer = Buyer(self.store, self.seen, timeout=60)
            buyer.fill_cart()
            url = buyer.place(f"power{number}.{turn}@example.com")
            session = self.store.gateway.book.session(url.rsplit("/", 1)[-1])
            assert session is not None
            named = session.metadata["order"]
            self.stamps.append((time.monotonic(), "placed", named))
            back = buyer.pay(url)
            self.stamps.append((time.monotonic(), "session", session.id))
            buyer.look(back)
            self.stamps.append((time.monotonic(), "paid", named))

    def told(self, at: float, what: str) -> list[str]:
        """What had been acknowledged by then."""
        return [named for when, kind, named in self.stamps if kind == what and when <= at]

    def verdict(self, folder: Path, at: float) -> list[str]:
        """The store comes up on what is in `folder`. What the gateway did after the failure is
        another future's, but what it was paid until then it was paid."""
        environ = self.store.environ | {
            "UPHELD_HOME": str(folder / "home"), "UPHELD_KEYS": str(folder / "keys"),
        }  # fmt: skip
        begun = set(self.told(at, "session"))
        sessions = [
            {
                "id": s.id, "amount": s.amount, "currency": s.currency,
                "order": s.metadata.get("order", ""), "paid": True,
            }
            for s in self.store.gateway.book.sessions() if s.id in begun
        ]  # fmt: skip
        evidence = self.seen.evidence(
            placed=self.told(at, "placed"), paid=self.told(at, "paid"), sessions=sessions,
            mails=[], refunds=[], planted_days=[str(self.day)], others_may_be_paid=True,
        )  # fmt: skip
        ran = run_python(
            environ, "-m", "tests.weather.after_power_loss", stdin=json.dumps(evidence)
        )
        assert ran.returncode == 0, ran.stderr[-2000:]
        found: list[str] = json.loads(ran.stdout)
        return found


_MEDIA: Any = shutil.ignore_patterns("media", "static")


def failures(recording: Recording, folder: Path, count: int) -> dict[str, list[str]]:
    """Moment → what was broken. Half the time nothing unsynced survives, else each write may."""
    moments = {secrets.randbelow(len(recording.notes)) for _ in range(count)}
    platter, found = Platter(recording.before), {}
    for number, note in enumerate(recording.notes):
        platter.take(note)
        if number in moments:
            image, lucky = folder / f"image{number}", secrets.randbelow(2)
            platter.after_failure(image, lambda lucky=lucky: bool(lucky and secrets.randbelow(2)))
            broken = recording.verdict(image, _moment(note))
            if broken:
                found[f"after note {number} ({note[1]}), lucky {lucky}"] = broken
            shutil.rmtree(image)
    return found


def _moment(note: Note) -> float:
    return float(note[0])


@pytest.mark.parametrize("count", [40, 300])
def test_nothing_acknowledged_is_lost(
    weather_store: Callable[..., Store], tmp_path: Path, count: int
) -> None:
    recording = Recording(weather_store(), tmp_path)
    assert len(recording.told(time.monotonic(), "paid")) == BUYERS * EACH
    assert {note[1] for note in recording.notes} >= {"write", "sync", "sync_folder", "unlink"}
    assert failures(recording, tmp_path, count) == {}


def test_without_syncing_it_would_show(weather_store: Callable[..., Store], tmp_path: Path) -> None:
    """The control: `synchronous` is OFF, which a start refuses."""
    recording = Recording(weather_store(sabotage="no_syncs", workers=1), tmp_path)
    platter = Platter(recording.before)
    for note in recording.notes:
        platter.take(note)
    platter.after_failure(tmp_path / "image", lambda: False)
    found = recording.verdict(tmp_path / "image", time.monotonic())
    assert any(text.startswith("I1 order") and "lost" in text for text in found), found
