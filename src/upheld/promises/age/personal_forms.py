"""Finds the inputs of a page that would collect something personal."""

from __future__ import annotations

from html.parser import HTMLParser

from upheld.policy import Policy
from upheld.promises.age.forms import FIELD


def personal_inputs(policy: Policy, html: str) -> set[str]:
    """Names of inputs on this page under which some inventory declares personal data; those of
    the age question do not count."""
    names = {
        declared.name
        for declared in policy.inventory.inputs.values()
        if declared.field and declared.field != FIELD
    }
    page = _Inputs()
    page.feed(html)
    return names & page.names


class _Inputs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collects what a person types or chooses."""
        given = {name: value or "" for name, value in attrs}
        if tag in {"input", "textarea", "select"} and given.get("type", "text").lower() not in {
            "hidden", "submit", "search",
        }:  # fmt: skip
            self.names.add(given.get("name", ""))
