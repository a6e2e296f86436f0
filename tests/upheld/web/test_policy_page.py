"""The policy page says what the program runs by, completely."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest
from django.test import Client

from upheld.policy import current, install
from upheld.web.markdown import render, render_inline

pytestmark = pytest.mark.django_db


def page() -> str:
    return Client(HTTP_HOST="127.0.0.1:8000").get("/privacy/").content.decode()


def test_every_clause_can_be_pointed_at() -> None:
    text = page()
    for clause in current().clauses.values():
        assert text.count(f'id="{clause.id}"') == 1
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    targets = re.findall(r'href="#([^"]+)"', text)
    assert set(targets) <= set(ids)


def test_the_facts_stand_at_the_top() -> None:
    text, policy = page(), current()
    top = text[: text.index('id="in-short"')]
    assert f"<dd>{policy.version}</dd>" in top and policy.controller.name in top
    assert policy.controller.email in top and policy.effective.isoformat() in top


def test_every_field_cookie_and_recipient_is_in_a_table() -> None:
    text, policy = page(), current()
    for item in (*policy.fields.values(), *policy.cookies.values(), *policy.recipients.values()):
        assert str(render_inline(item.words)) in text
    assert text.count("<caption>") == 3 and 'scope="col"' in text and 'scope="row"' in text
    assert f"{policy.retention.private_financial_days} days, sealed" in text
    assert "not stored at all" in text


def test_headings_come_in_order_and_nothing_is_inline() -> None:
    text = page()
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    assert "style=" not in text and "<script" not in text


def test_another_policy_is_another_page() -> None:
    before, answer = current(), Client(HTTP_HOST="127.0.0.1:8000")
    first = answer.get("/privacy/")
    install(replace(before, version=before.version + 1))
    try:
        second = answer.get("/privacy/")
    finally:
        install(before)
    assert first["ETag"] != second["ETag"]


def test_markdown_stays_harmless() -> None:
    html = render("# A\n<b>x</b> ![p](https://e.example.com/p.png) [out](https://e.example.com/)")
    assert html.startswith("<h4>A</h4>") and "&lt;b&gt;" in html and "<img" not in html
    assert 'rel="external noreferrer"' in html
    assert 'rel="external noreferrer"' in render("[out](//e.example.com/)")
    assert "rel=" not in render("[in](/privacy/#P20) [mail](mailto:a@example.com)")
    assert render_inline("a *b* <i>") == "a <em>b</em> &lt;i&gt;"
    assert "javascript" not in render("[x](javascript:alert(1))").replace("(javascript", "")
