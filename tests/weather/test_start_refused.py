"""B29: a real start, on settings, keys and databases that it must refuse."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.template import ROOT
from tests.weather.store import Store

pytestmark = pytest.mark.sqlite_only

PUBLIC = {"UPHELD_ORIGIN": "https://shop.larkfield.test", "UPHELD_GATEWAY": "transfer"}
_SERVE = """
import sys
{sabotage}
from upheld_store.site.command_line import main
sys.exit(main(["serve", "--port", sys.argv[1]]))
"""


def start(store: Store, sabotage: str = "") -> tuple[int, str]:
    """Status and words of `upheld serve`. One that serves is ended, with status 0."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE.format(sabotage=sabotage), str(store.port)],
        env=store.environ, cwd=ROOT, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    store.process = process  # type: ignore[assignment]  # to be ended with the store
    try:
        said, _ = process.communicate(timeout=25)
        return process.returncode, said
    except subprocess.TimeoutExpired:
        store.kill()
        return 0, ""


def in_the_clear(store: Store) -> str:
    store.environ |= PUBLIC | {"UPHELD_ORIGIN": "http://shop.larkfield.test"}
    return "would take personal data in the clear"


def debug_pages(store: Store) -> str:
    store.environ |= PUBLIC | {"UPHELD_DEBUG": "1"}
    return "Debug pages"


def play_money(store: Store) -> str:
    store.environ |= PUBLIC | {"UPHELD_GATEWAY": "practice"}
    return "practice gateway takes no money"


def keys_in_home(store: Store) -> str:
    shutil.copytree(store.folder / "keys", store.folder / "home" / "keys")
    store.environ["UPHELD_KEYS"] = str(store.folder / "home" / "keys")
    return "lie inside one another"


def keys_for_everyone(store: Store) -> str:
    (store.folder / "keys" / "lasting" / "log.key").chmod(0o644)
    return "Others on this machine may open it"


def key_of_no_day(store: Store) -> str:
    path = store.folder / "keys" / "days" / "copy.bak"
    path.write_bytes(bytes(32))
    path.chmod(0o600)
    return "belongs to no day"


def guessable_secret(store: Store) -> str:
    (store.folder / "keys" / "lasting" / "secret.key").write_bytes(bytes(32))
    return "SECRET_KEY"


def lost_key(store: Store) -> str:
    (store.folder / "keys" / "lasting" / "secret.key").unlink()
    return "is missing from"


def policy_cut_short(store: Store) -> str:
    policy = store.folder / "policy"
    shutil.copytree(ROOT / "demo" / "policy", policy)
    text = (policy / "policy.toml").read_text("utf-8")
    (policy / "policy.toml").write_text(text[: len(text) // 2], "utf-8")
    store.environ["UPHELD_POLICY"] = str(policy)
    return "policy.toml"


@pytest.mark.parametrize(
    "spoil",
    [
        in_the_clear, debug_pages, play_money, keys_in_home, keys_for_everyone, key_of_no_day,
        guessable_secret, lost_key, policy_cut_short,
    ],
    ids=lambda spoil: spoil.__name__,
)  # fmt: skip
def test_refused(weather_store: Callable[..., Store], spoil: Callable[[Store], str]) -> None:
    store = weather_store()
    sentence = spoil(store)
    status, said = start(store)
    assert status == 1, said
    assert sentence in said
    assert "Traceback" not in said
    assert not store.is_listening()


@pytest.mark.parametrize(
    ("sabotage", "sentence"),
    [
        (
            "from upheld.db.sqlite import driver\ndriver.Database.sqlite_version_info = (3, 40, 1)",
            "can lose acknowledged commits",
        ),
        (
            "from upheld.db.sqlite import pragmas\npragmas.PRAGMAS['synchronous'] = 'NORMAL'",
            "PRAGMA synchronous is 1",
        ),
        (
            "from upheld.db.sqlite import pragmas\npragmas.PRAGMAS['secure_delete'] = 'OFF'",
            "PRAGMA secure_delete is 0",
        ),
    ],
    ids=["library", "synchronous", "secure_delete"],
)
def test_a_database_that_could_lose_or_keep(
    weather_store: Callable[..., Store], sabotage: str, sentence: str
) -> None:
    store = weather_store()
    status, said = start(store, sabotage)
    assert status == 1, said
    assert sentence in said


def test_another_server_refuses_too(weather_store: Callable[..., Store]) -> None:
    """granian by hand, without `upheld serve`: the application itself does not come up."""
    store = weather_store()
    spoiled = in_the_clear(store)
    words = ["-c", "import upheld_store.site.wsgi"]
    ran = subprocess.run(
        [sys.executable, *words], env=store.environ, cwd=ROOT, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode != 0 and spoiled in ran.stderr


def test_nothing_spoiled_is_started(weather_store: Callable[..., Store]) -> None:
    """The control: the same start, on the same copy, serves."""
    store = weather_store().start()
    assert store.answers("/products/")
