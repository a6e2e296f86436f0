"""One meaning a word, US spelling, and nothing about the machine it was written on."""

from __future__ import annotations

import re
import subprocess

from tests.house.source import ROOT

BRITISH = re.compile(
    r"\b(licence|catalogue|colour|behaviour|organis|recognis|authoris|centre|favour)\w*", re.I
)
MACHINE = re.compile(r"(?<![\w.])/(?:work|farm|root|home/\w+)/")
# In pieces, so that this file holds none of what it looks for.
REGISTRY = re.compile(
    "|".join(
        ("--(?:extra-)?index" + "-url", "--find" + "-links", "python" + "hosted", "npm" + "js")
    )
)


def tracked() -> list[str]:
    """Names of every file git would commit."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [
        name
        for name in listed.splitlines()
        if not name.endswith((".png", ".svg", ".epub", ".zip", ".pdf")) and (ROOT / name).is_file()
    ]


def offences(text: str) -> list[str]:
    """What a text holds that it must not."""
    return [m.group(0) for rule in (BRITISH, MACHINE, REGISTRY) for m in rule.finditer(text)]


def test_the_repository_speaks_our_words() -> None:
    skipped = {"tests/house/test_vocabulary.py", "LICENSE"}
    found = {
        name: offences((ROOT / name).read_text("utf-8", errors="replace"))
        for name in tracked()
        if name not in skipped and not name.startswith("requirements/")
    }
    assert {name: words for name, words in found.items() if words} == {}


def test_locks_name_no_host() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text("utf-8")
        assert "https://" not in text and "--hash=sha256:" in text


def test_the_rule_can_fail() -> None:
    assert offences("a licence for the catalogue") == ["licence", "catalogue"]
    assert offences("see " + "/wo" + "rk/main") != []
