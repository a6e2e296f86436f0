"""The one style sheet: small, our own, readable in both schemes; and templates that keep to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.source import ROOT, SRC

CSS = SRC / "upheld_store" / "site" / "static" / "site" / "upheld.css"
BYTES_MAX = 25_000
TEXT = 4.5
# Ink on paper: every pair of tokens that carries words.
PAIRS = [
    *((ink, paper) for ink in ("ink", "soft", "accent") for paper in ("paper", "raised", "sunken")),
    ("ink", "wait-soft"), ("ink", "bad-soft"), ("ink", "good-soft"), ("soft", "wait-soft"),
    ("accent", "wait-soft"), ("accent", "bad-soft"), ("accent-deep", "paper"),
    ("on-accent", "accent"), ("on-accent", "accent-deep"), ("good", "good-soft"),
    ("wait", "wait-soft"), ("bad", "bad-soft"), ("on-bad", "bad"), ("good", "paper"),
    ("wait", "paper"), ("bad", "paper"), ("paper", "ink"),
]  # fmt: skip
# The edge of a field is no text, yet must be seen (WCAG 1.4.11).
EDGES = [("edge", "paper"), ("edge", "raised"), ("edge", "sunken")]


def tokens(scheme: str) -> dict[str, str]:
    """Custom properties that are colors: the light ones, with the dark ones over them if asked."""
    light, dark = re.findall(r":root \{(.*?)\}", CSS.read_text(), re.S)[:2]
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light))
    if scheme == "dark":
        found |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", dark))
    return found


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def pages() -> list[Path]:
    """Every template of a page. Letters are none: mail readers know no style sheet."""
    found = sorted(SRC.rglob("templates/**/*.html"))
    return [path for path in found if path.name != "mail.html" and not _is_letter(path)]


def _is_letter(path: Path) -> bool:
    return "mail" in path.parts or path.read_text().startswith('{% extends "orders/mail.html" %}')


def against_the_content_policy(html: str) -> list[str]:
    """What the browser would refuse to run or show, or would fetch from elsewhere."""
    rules = (
        # The shop's own files may run, and data may be given to them; what is written into a page
        # does not.
        r'<script\b(?! src="\{% static| [^>]*type="application/json")',
        r"<style\b", r"\sstyle\s*=", r"\son[a-z]+\s*=", r"javascript:",
        r"\ssrc\s*=\s*.https?:", r"<iframe\b", r"<base\b",
    )  # fmt: skip
    return [found for rule in rules for found in re.findall(rule, html, re.I)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read(scheme: str) -> None:
    colors = tokens(scheme)
    poor = {
        f"{ink} on {paper}": round(contrast(colors[ink], colors[paper]), 2)
        for pairs, least in ((PAIRS, TEXT), (EDGES, 3.0))
        for ink, paper in pairs
        if contrast(colors[ink], colors[paper]) < least
    }
    assert poor == {}


def test_both_schemes_name_the_same_colors() -> None:
    dark_block = re.findall(r":root \{(.*?)\}", CSS.read_text(), re.S)[1]
    dark = set(re.findall(r"--([a-z-]+): #", dark_block))
    # The mark is the same on both: words on it are dark in both.
    assert set(tokens("light")) - dark == {"mark"}


def test_the_sheet_is_small_and_fetches_nothing() -> None:
    text = CSS.read_text()
    assert len(text.encode()) < BYTES_MAX
    assert "@import" not in text and "url(" not in text and "@font-face" not in text


def test_every_token_that_is_used_is_set() -> None:
    text = CSS.read_text()
    used = set(re.findall(r"var\(--([a-z-]+)\)", text))
    assert used == set(re.findall(r"--([a-z-]+):", text))


def test_the_owner_sets_only_tokens_that_exist() -> None:
    owners = (ROOT / "demo" / "theme" / "static" / "tokens.css").read_text()
    known = set(re.findall(r"--([a-z-]+):", CSS.read_text()))
    assert set(re.findall(r"--([a-z-]+):", owners)) <= known


def test_templates_hold_nothing_that_the_browser_would_refuse() -> None:
    found = {path.name: against_the_content_policy(path.read_text()) for path in pages()}
    assert len(found) > 10 and {name: what for name, what in found.items() if what} == {}


def test_the_sheet_heeds_what_a_visitor_asked_of_the_browser() -> None:
    text = CSS.read_text()
    for feature in (
        "prefers-color-scheme: dark", "prefers-reduced-motion", "forced-colors", "@media print",
        ":focus-visible",
    ):  # fmt: skip
        assert feature in text


def test_these_checks_can_fail() -> None:
    assert contrast("#777777", "#ffffff") < TEXT < contrast("#767676", "#ffffff")
    bad = "<p style='x' onclick='y'><script src='https://example.com/x.js'></script>"
    assert len(against_the_content_policy(bad)) == 4


def test_every_token_is_in_the_docs() -> None:
    page = (ROOT / "docs" / "operating" / "look_and_pages.md").read_text()
    assert set(re.findall(r"`--([a-z-]+)`", page)) == set(
        re.findall(r"--([a-z-]+):", CSS.read_text())
    )
